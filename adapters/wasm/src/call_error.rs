//! Maps an error of wasmtime to a [`CallError`] that names the broken rule or exceeded limit.

use portico_domain::{provider::CallError, text::clean};
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::{
    limits::{Exceeded, Limits},
    memory::Exhausted,
};

/// Part of wasmtime's error text for a return value over the hostcall fuel; the error's type is
/// private.
const HOSTCALL_FUEL_EXHAUSTED: &str = "fuel allocated for hostcalls has been exhausted";

/// Functions of the plug-in that are named, and characters of each name.
const MAX_FRAMES: usize = 6;
const MAX_FRAME_LEN: usize = 100;
/// Parts of the names of functions that belong to panic handling and are left out.
const PANIC_FUNCTIONS: [&str; 4] = ["panic", "unwind", "abort", "__rust"];

/// Where a call failed.
pub(crate) struct CallSite {
    /// The called function of the interface: `next`.
    pub(crate) function: &'static str,
    pub(crate) panic_message: Option<String>,
}

impl CallSite {
    /// The component's start function.
    pub(crate) fn start_function() -> Self {
        Self { function: "start", panic_message: None }
    }
}

/// [`CallError::Overloaded`] if no instance slot or memory was free, else [`CallError::Broken`].
pub(crate) fn call_error(error: &wasmtime::Error, limits: Limits, site: &CallSite) -> CallError {
    if error.is::<PoolConcurrencyLimitError>() || error.is::<Exhausted>() {
        return CallError::Overloaded;
    }
    CallError::Broken(reason(error, limits, site))
}

fn reason(error: &wasmtime::Error, limits: Limits, site: &CallSite) -> String {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return exceeded.to_string();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return describe_trap(*trap, error, site);
    }
    let text = error.root_cause().to_string();
    if text.contains(HOSTCALL_FUEL_EXHAUSTED) {
        return Exceeded::Output(limits.output).to_string();
    }
    let function = site.function;
    format!("its answer is not what the interface says of {function}: {}", clean(&text, 300))
}

/// The trap, the called function, the plug-in's own functions if the component has a name section, and
/// the panic message; without a message, the usual cause of such a trap.
fn describe_trap(trap: Trap, error: &wasmtime::Error, site: &CallSite) -> String {
    let function = site.function;
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
    match (&site.panic_message, trap, function) {
        (Some(message), ..) => text += &format!("; it said: {message}"),
        (None, Trap::UnreachableCodeReached, "describe") => text += NO_PROVIDER_HINT,
        (None, Trap::UnreachableCodeReached, "create" | "discover" | "next") => {
            text += MISSING_IMPORT_HINT;
        }
        _ => {}
    }
    text
}

const NO_PROVIDER_HINT: &str = ", and said nothing: so does one that exports no provider (JavaScript: `export const provider = \
     serve(...)`; Python: `Provider = serve(...)`)";
const MISSING_IMPORT_HINT: &str = ", and said nothing: so does one that asks for a clock, \
                                   randomness, files or the environment, which it has not";

fn frames(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let names = backtrace.frames().iter().filter_map(|frame| frame.func_name());
    let own = names.filter(|name| !PANIC_FUNCTIONS.iter().any(|part| name.contains(part)));
    own.take(MAX_FRAMES).map(|name| clean(name, MAX_FRAME_LEN)).collect()
}
