//! Why a plug-in cannot be loaded.

use std::{io, time::Duration};

use portico_domain::provider::CallError;
use thiserror::Error;

use crate::limits::Bytes;

/// Why a plug-in cannot be loaded: what is wrong, and what to do.
#[derive(Debug, Error)]
pub enum LoadError {
    /// It is no WebAssembly component, or not all of one.
    #[error(
        "it is no WebAssembly component ({0}); build it as a component and copy the whole file \
         (docs/writing-a-provider.md)"
    )]
    NotAComponent(String),
    /// It wants something of the host.
    #[error(
        "it imports {}, and a plug-in imports nothing; build it without WASI (Rust: \
         wasm32-unknown-unknown; JavaScript and Python: --stub-wasi)",
        .0.join(", ")
    )]
    Imports(Vec<String>),
    /// It is no provider, or one of another age.
    #[error(
        "it speaks {}; this Portico speaks interface 2.0.0 and 1.0.0; build it against one of \
         these",
        .found.as_deref().map_or("no provider interface".into(), |it| format!("interface {it}"))
    )]
    Interface {
        /// The version that it exports, where it exports one.
        found: Option<String>,
    },
    /// It names an interface that this Portico speaks, and what it exports is not that.
    #[error("it is not of the interface that it names: {0}; build it against providers/wit")]
    Differs(String),
    /// The file is over the limit.
    #[error("it has {}, more than {}; leave out debug information", Bytes(*.found), Bytes(*.most))]
    TooLarge {
        /// Its bytes.
        found: usize,
        /// The most that are read.
        most: usize,
    },
    /// A part of it is larger than a compiler may be asked for.
    #[error("{0}, which would keep the compiler busy for too long; have less in it")]
    Complex(String),
    /// No machine code can be made of it.
    #[error("it cannot be compiled: {0}; build it anew with tools of this year")]
    Compile(String),
    /// The process that compiles said so.
    #[error("the process that compiles it says: {0}")]
    Compiler(String),
    /// The process that compiles did not end by itself.
    #[error("it was not compiled within {} s; leave out what it does not need", .0.as_secs())]
    CompileTime(Duration),
    /// The process that compiles needed more memory than it may have.
    #[error("the compiler needed more than {}; leave out what it does not need", Bytes(*.0))]
    CompileMemory(usize),
    /// The system ended the process that compiles.
    #[error("the compiler was killed: this machine may have too little memory for it")]
    CompilerKilled,
    /// The process that compiles could not be run or spoken to.
    #[error("the process that compiles it failed; see whether Portico may start processes")]
    Child(#[source] io::Error),
    /// Its machine code does not run here.
    #[error("its compiled form does not fit this Portico: {0}; compile it anew")]
    Stale(String),
    /// It does not say who it is.
    #[error("it cannot be asked who it is: {0}; its author has to mend it")]
    Describe(CallError),
    /// There is no sandbox to run it in.
    #[error("no sandbox can be made on this machine: {0}")]
    Sandbox(String),
}

impl LoadError {
    /// What no reader of WebAssembly understands.
    pub(crate) fn broken(error: wasmparser::BinaryReaderError) -> Self {
        Self::NotAComponent(error.to_string())
    }
}
