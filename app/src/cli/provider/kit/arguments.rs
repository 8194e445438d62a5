//! Arguments of the commands for plug-in authors.

use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub(in crate::cli) struct NewArguments {
    /// Id of the provider: lower-case letters, digits and '-'
    pub(in crate::cli::provider) name: String,
    /// Language: rust, javascript or python
    #[arg(long)]
    pub(in crate::cli::provider) lang: String,
    /// Folder to create [default: the id]
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli::provider) into: Option<PathBuf>,
    /// Path of the Rust SDK [default: that of the checkout of Portico]
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli::provider) sdk: Option<PathBuf>,
}

#[derive(Args)]
pub(in crate::cli) struct PackArguments {
    /// Core module, as built by cargo for wasm32-unknown-unknown
    pub(in crate::cli::provider) module: PathBuf,
    /// Write the component to this file
    #[arg(long, short)]
    pub(in crate::cli::provider) output: PathBuf,
}

#[derive(Args)]
pub(in crate::cli) struct TestArguments {
    /// Plug-in: a WebAssembly component
    pub(in crate::cli::provider) file: PathBuf,
    /// Fixtures and tapes: responses of the cloud
    pub(in crate::cli::provider) fixtures: Vec<PathBuf>,
    /// Record one login to this file instead, with the configured settings of the plug-in
    #[arg(long, value_name = "TAPE", conflicts_with = "fixtures")]
    pub(in crate::cli::provider) record: Option<PathBuf>,
    /// Replace names and e-mail addresses on the tape with pseudonyms
    #[arg(long, requires = "record")]
    pub(in crate::cli::provider) anonymise: bool,
}

#[derive(Args)]
pub(in crate::cli) struct DiffArguments {
    /// Old version of the plug-in
    pub(in crate::cli::provider) old: PathBuf,
    /// New version of the plug-in
    pub(in crate::cli::provider) new: PathBuf,
    /// Tapes to replay with both versions
    pub(in crate::cli::provider) tapes: Vec<PathBuf>,
}
