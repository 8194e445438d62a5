//! The error of loading a plug-in.

use std::{io, time::Duration};

use portico_domain::provider::CallError;
use thiserror::Error;

use crate::limits::Bytes;

/// Why a plug-in cannot be loaded. The text says what is wrong and what to do.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file is no WebAssembly component, or a truncated one.
    #[error(
        "it is no WebAssembly component ({0}); build it as a component and copy the whole file \
         (docs/writing-a-provider.md)"
    )]
    NotAComponent(String),
    /// It has imports.
    #[error(
        "it imports {}, and a plug-in imports nothing; build it without WASI (Rust: \
         wasm32-unknown-unknown; JavaScript and Python: --stub-wasi)",
        .0.join(", ")
    )]
    Imports(Vec<String>),
    /// It exports no provider interface, or an unsupported version.
    #[error(
        "it speaks {}; this Portico speaks interface 2.0.0 and 1.0.0; build it against one of \
         these",
        .found.as_deref().map_or("no provider interface".into(), |it| format!("interface {it}"))
    )]
    Interface {
        /// The version that it exports, if any.
        found: Option<String>,
    },
    /// The types of its exports differ from those of the interface that it names.
    #[error("it is not of the interface that it names: {0}; build it against providers/wit")]
    Differs(String),
    /// The file exceeds the size limit.
    #[error("it has {}, more than {}; leave out debug information", Bytes(*.found), Bytes(*.most))]
    TooLarge {
        /// The file's size in bytes.
        found: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// A part of it exceeds a limit for compiling.
    #[error("{0}, which would keep the compiler busy for too long; have less in it")]
    Complex(String),
    /// The compiler refused it.
    #[error("it cannot be compiled: {0}; build it anew with tools of this year")]
    Compile(String),
    /// The compiler process failed; the last line of its standard error.
    #[error("the process that compiles it says: {0}")]
    Compiler(String),
    /// The compiler process exceeded its time limit.
    #[error("it was not compiled within {} s; leave out what it does not need", .0.as_secs())]
    CompileTime(Duration),
    /// The compiler process exceeded its memory limit.
    #[error("the compiler needed more than {}; leave out what it does not need", Bytes(*.0))]
    CompileMemory(usize),
    /// The compiler process was killed by the system.
    #[error("the compiler was killed: this machine may have too little memory for it")]
    CompilerKilled,
    /// The compiler process could not be started, or a pipe to it failed.
    #[error("the process that compiles it failed; see whether Portico may start processes")]
    Child(#[source] io::Error),
    /// The machine code is of another version or configuration.
    #[error("its compiled form does not fit this Portico: {0}; compile it anew")]
    Stale(String),
    /// Its `describe` failed or returned an invalid descriptor.
    #[error("it cannot be asked who it is: {0}; its author has to mend it")]
    Describe(CallError),
    /// No sandbox can be created on this machine.
    #[error("no sandbox can be made on this machine: {0}")]
    Sandbox(String),
}

impl LoadError {
    /// Malformed WebAssembly.
    pub(crate) fn broken(error: wasmparser::BinaryReaderError) -> Self {
        Self::NotAComponent(error.to_string())
    }
}
