//! A provider as a WebAssembly component. For [`crate::export!`] only.

pub mod bindings;
mod convert;
mod exports;
mod panic_message;

pub use self::exports::Component;
