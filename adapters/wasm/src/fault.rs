//! What the domain hears of a guest that failed: which rule or limit, in plain words.

use portico_domain::{provider::CallError, text::clean};
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::{
    limits::{Exceeded, Limits},
    memory::Exhausted,
};

/// What wasmtime says where an answer is larger than its store allows; the type is its own.
const TOO_MUCH_COPIED: &str = "fuel allocated for hostcalls has been exhausted";

/// How many of a guest's own functions are named, and how long each name may be.
const MAX_FRAMES: usize = 6;
const MAX_FRAME_LEN: usize = 100;
/// Functions that say nothing of where a panic came from.
const OF_PANICS: [&str; 4] = ["panic", "unwind", "abort", "__rust"];

/// Where a guest failed.
pub(crate) struct Place {
    /// The function of the interface that was called: `next`.
    pub(crate) function: &'static str,
    /// What the guest said.
    pub(crate) words: Option<String>,
}

impl Place {
    /// Before any of its functions was called.
    pub(crate) fn start() -> Self {
        Self { function: "start", words: None }
    }
}

/// The guest is at fault, as `error` says, unless there was no room for one more.
pub(crate) fn of_guest(error: &wasmtime::Error, limits: Limits, place: &Place) -> CallError {
    if error.is::<PoolConcurrencyLimitError>() || error.is::<Exhausted>() {
        return CallError::Overloaded;
    }
    CallError::Broken(reason(error, limits, place))
}

fn reason(error: &wasmtime::Error, limits: Limits, place: &Place) -> String {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return exceeded.to_string();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return trapped(*trap, error, place);
    }
    let text = error.root_cause().to_string();
    if text.contains(TOO_MUCH_COPIED) {
        return Exceeded::Output(limits.output).to_string();
    }
    let function = place.function;
    format!("its answer is not what the interface says of {function}: {}", clean(&text, 300))
}

/// The trap, the function that was called, the guest's own functions where it has names for them, and
/// what it said; where it said nothing, what that usually means.
fn trapped(trap: Trap, error: &wasmtime::Error, place: &Place) -> String {
    let function = place.function;
    let what = match trap {
        Trap::UnreachableCodeReached => "unreachable".to_owned(),
        Trap::StackOverflow => "its stack is full".to_owned(),
        trap => trap.to_string().trim_start_matches("wasm trap: ").to_owned(),
    };
    let mut text = format!("it trapped: {what}, in its function {function}");
    let frames = frames(error);
    if !frames.is_empty() {
        text += &format!(" ({})", frames.join(", in "));
    }
    match (&place.words, trap, function) {
        (Some(words), ..) => text += &format!("; it said: {words}"),
        (None, Trap::UnreachableCodeReached, "describe") => text += NO_PROVIDER,
        (None, Trap::UnreachableCodeReached, "create" | "discover" | "next") => text += NO_CLOCK,
        _ => {}
    }
    text
}

const NO_PROVIDER: &str = ", and said nothing: so does one that exports no provider (JavaScript: `export \
                           const provider = serve(...)`; Python: `Provider = serve(...)`)";
const NO_CLOCK: &str = ", and said nothing: so does one that asks for a clock, randomness, files or \
                        the environment, which it has not";

fn frames(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let names = backtrace.frames().iter().filter_map(|frame| frame.func_name());
    let own = names.filter(|name| !OF_PANICS.iter().any(|word| name.contains(word)));
    own.take(MAX_FRAMES).map(|name| clean(name, MAX_FRAME_LEN)).collect()
}
