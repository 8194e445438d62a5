//! What the domain hears of a guest that failed: which rule or limit, in plain words.

use portico_domain::{provider::Problem, text::clean};
use wasmtime::{PoolConcurrencyLimitError, Trap};

use crate::{
    limits::{Exceeded, Limits},
    memory::Exhausted,
};

/// What wasmtime says where an answer is larger than its store allows; the type is its own.
const TOO_MUCH_COPIED: &str = "fuel allocated for hostcalls has been exhausted";

/// The guest is at fault, as `error` says, unless there was no room for one more.
pub(crate) fn of_guest(error: &wasmtime::Error, limits: Limits) -> Problem {
    if error.is::<PoolConcurrencyLimitError>() || error.is::<Exhausted>() {
        return Problem::Overloaded;
    }
    Problem::Broken(reason(error, limits))
}

fn reason(error: &wasmtime::Error, limits: Limits) -> String {
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return exceeded.to_string();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return match trap {
            Trap::UnreachableCodeReached => "it trapped: unreachable".into(),
            Trap::StackOverflow => "it trapped: its stack is full".into(),
            trap => format!("it trapped: {}", trap.to_string().trim_start_matches("wasm trap: ")),
        };
    }
    let text = error.root_cause().to_string();
    if text.contains(TOO_MUCH_COPIED) {
        return Exceeded::Output(limits.output).to_string();
    }
    format!("its answer is not what the interface says: {}", clean(&text, 300))
}
