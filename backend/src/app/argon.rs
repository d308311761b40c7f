//! Argon2id in one block of memory that is kept from hash to hash; what is hashed and when is decided elsewhere.

use std::cell::RefCell;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        CustomizedPasswordHasher, Error, PasswordHasher, Result,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};

/// Hashes and verifies like [`Argon2`]. That one takes new memory for each hash, and glibc finds no room for the next
/// 19 MiB in the gap that the last ones left: a dozen log-ins made the server 200 MiB larger.
#[derive(Default)]
pub(super) struct Argon {
    memory: RefCell<Vec<Block>>,
}

impl CustomizedPasswordHasher<PasswordHash> for Argon {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> Result<PasswordHash> {
        let algorithm = algorithm
            .map(Algorithm::try_from)
            .transpose()?
            .unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let salt = Salt::new(salt)?;
        let mut output = [0; Output::MAX_LENGTH];
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let output = output.get_mut(..length).ok_or(Error::OutputSize)?;
        let mut memory = self.memory.borrow_mut();
        if memory.len() < params.block_count() {
            memory.resize(params.block_count(), Block::new());
        }
        Argon2::new(algorithm, version, params.clone()).hash_password_into_with_memory(
            password,
            &salt,
            output,
            memory.as_mut_slice(),
        )?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt),
            hash: Some(Output::new(output)?),
        })
    }
}

impl PasswordHasher<PasswordHash> for Argon {
    fn hash_password_with_salt(&self, password: &[u8], salt: &[u8]) -> Result<PasswordHash> {
        self.hash_password_customized(password, salt, None, None, Params::default())
    }
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    #[test]
    fn it_understands_argon2_and_is_understood_whatever_the_parameters_before() {
        let (ours, theirs) = (Argon::default(), Argon2::default());
        let small = Argon2::from(Params::new(64, 1, 1, None).unwrap());
        for hasher in [&small, &theirs, &small] {
            let hash = hasher.hash_password(b"secret").unwrap();
            assert!(ours.verify_password(b"secret", &hash).is_ok());
            assert!(ours.verify_password(b"other", &hash).is_err());
        }
        let hash = ours.hash_password(b"secret").unwrap();
        assert!(theirs.verify_password(b"secret", &hash).is_ok());
        assert_eq!(
            hash.to_string(),
            theirs
                .hash_password_with_salt(b"secret", hash.salt.as_ref().unwrap())
                .unwrap()
                .to_string()
        );
    }
}
