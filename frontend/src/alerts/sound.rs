//! The sound: two soft notes, made on the spot.

use wasm_bindgen::JsValue;
use web_sys::AudioContext;

use crate::dom;

/// The notes: hertz, and the second in which each begins.
const NOTES: [(f32, f64); 2] = [(659.25, 0.02), (880.0, 0.17)];
const LOUDNESS: f32 = 0.12;
/// How fast a note swells and dies away, in seconds.
const SWELL: f64 = 0.01;
const FADE: f64 = 0.12;
/// How long one note sounds, in seconds.
const LENGTH: f64 = 0.7;
/// When the last note is over.
const OVER_MS: u32 = 1_000;

/// Plays it. Stays silent where the browser allows no sound: before the first click in a page most do not.
pub(crate) fn chime() {
    let Ok(context) = AudioContext::new() else { return };
    for (pitch, begin) in NOTES {
        let _ = note(&context, pitch, context.current_time() + begin);
    }
    leptos::task::spawn_local(async move {
        dom::sleep(OVER_MS).await;
        let _ = context.close();
    });
}

fn note(context: &AudioContext, pitch: f32, at: f64) -> Result<(), JsValue> {
    let (tone, volume) = (context.create_oscillator()?, context.create_gain()?);
    tone.frequency().set_value(pitch);
    volume.gain().set_value(0.0);
    volume.gain().set_target_at_time(LOUDNESS, at, SWELL)?;
    volume.gain().set_target_at_time(0.0, at + 4.0 * SWELL, FADE)?;
    tone.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&context.destination())?;
    tone.start_with_when(at)?;
    tone.stop_with_when(at + LENGTH)
}
