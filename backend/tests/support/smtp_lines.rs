//! Lines of SMTP, as the tests' mail server says and reads them.

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

/// Says a line, or several.
pub async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    words: &str,
) -> std::io::Result<()> {
    stream.write_all(format!("{words}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// Until the other side has enough.
pub async fn babble<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<()> {
    loop {
        say(stream, "250-and another thing").await?;
    }
}

/// The message up to the lonely dot, doubled dots undone.
pub async fn message<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    first: Vec<u8>,
) -> std::io::Result<Vec<u8>> {
    let (mut raw, mut line) = (Vec::new(), first);
    while line != b".\r\n" {
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        line = line_of(stream).await?;
    }
    Ok(raw)
}

/// The next line, its end included.
pub async fn line_of<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line).await? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}

/// Asks for name and password one after the other, as AUTH LOGIN has it.
pub async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut account = "AUTH LOGIN".to_owned();
    for question in ["Username:", "Password:"] {
        let question = format!("334 {}\r\n", BASE64_STANDARD.encode(question));
        stream.write_all(question.as_bytes()).await?;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let answer = BASE64_STANDARD.decode(line.trim_end()).unwrap();
        account.push(' ');
        account.push_str(&String::from_utf8(answer).unwrap());
    }
    Ok(account)
}
