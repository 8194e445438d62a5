//! Begins a plug-in: a small project that builds, passes every check and replays a tape.

mod templates;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use thiserror::Error;

use self::templates::template;

/// What a plug-in is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// With the SDK crate: the smallest component.
    Rust,
    /// With the helper module, in QuickJS.
    JavaScript,
    /// With the helper module, in CPython.
    Python,
}

/// What to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewProject<'a> {
    /// Also the provider's id: lower-case letters, digits and `-`.
    pub name: &'a str,
    /// What it is written in.
    pub language: Language,
    /// Where its files go; made where it is missing.
    pub folder: &'a Path,
    /// Where the crate `portico-provider` is, for Rust. `None`: it is looked for in the Portico
    /// checkout around the folder or the working directory.
    pub sdk: Option<&'a Path>,
}

/// Why a project cannot be begun. Nothing was written then, but for [`ProjectError::Write`].
#[derive(Debug, Error)]
pub enum ProjectError {
    /// The name is none.
    #[error(
        "{0:?} cannot name a provider: take 2 to 32 lower-case letters, digits and single '-', a \
         letter first, such as acme-cloud"
    )]
    Name(String),
    /// Its settings would be variables of Portico's own.
    #[error(
        "{0:?} cannot name a provider: what begins with PORTICO_ are Portico's own variables, so \
         that it could not be configured; take another name, such as acme-cloud"
    )]
    Reserved(String),
    /// There is a file already.
    #[error("{} is there already, and nothing is overwritten: take another folder", .0.display())]
    Exists(PathBuf),
    /// The Rust SDK is nowhere.
    #[error(
        "the crate portico-provider is not found: run this in a checkout of Portico, or say where \
         its providers/sdk is with --sdk"
    )]
    NoSdk,
    /// What was named is not the Rust SDK.
    #[error("{} is not the crate portico-provider", .0.display())]
    NotTheSdk(PathBuf),
    /// A file could not be written.
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
}

/// A word that names no language.
#[derive(Debug, Error)]
#[error("{0:?} is no language of plug-ins; there are rust, javascript and python")]
pub struct NotALanguage(String);

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "rust" => Ok(Self::Rust),
            "javascript" => Ok(Self::JavaScript),
            "python" => Ok(Self::Python),
            other => Err(NotALanguage(other.into())),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Python => "python",
        })
    }
}

/// Writes a project that builds and passes, and gives the files it wrote.
pub fn new_project(project: NewProject<'_>) -> Result<Vec<PathBuf>, ProjectError> {
    let names = Names::of(project.name)?;
    let sdk = match project.language {
        Language::Rust => sdk(&project)?,
        Language::JavaScript | Language::Python => String::new(),
    };
    let files: Vec<_> = template(project.language)
        .into_iter()
        .map(|(path, text)| (project.folder.join(path), names.filled(text, &sdk)))
        .collect();
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(ProjectError::Exists(taken.clone()));
    }
    for (path, text) in &files {
        write(path, text).map_err(|error| ProjectError::Write(path.clone(), error))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create_new(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}

/// One name in its spellings.
struct Names {
    /// `acme-cloud`
    kebab: String,
    /// `acme_cloud`
    snake: String,
    /// `AcmeCloud`
    pascal: String,
    /// `Acme Cloud`
    words: String,
}

impl Names {
    fn of(name: &str) -> Result<Self, ProjectError> {
        let in_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let parts: Vec<_> = name.split('-').collect();
        let good = (2..=32).contains(&name.len())
            && name.bytes().all(in_name)
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && parts.iter().all(|part| !part.is_empty());
        if !good {
            return Err(ProjectError::Name(name.into()));
        }
        if parts[0] == "portico" {
            return Err(ProjectError::Reserved(name.into()));
        }
        let capital = |part: &&str| part[..1].to_ascii_uppercase() + &part[1..];
        let capitals: Vec<_> = parts.iter().map(capital).collect();
        Ok(Self {
            kebab: name.into(),
            snake: name.replace('-', "_"),
            pascal: capitals.concat(),
            words: capitals.join(" "),
        })
    }

    /// The template, which is a project named example-cloud, under this name.
    fn filled(&self, text: &str, sdk: &str) -> String {
        text.replace("example-cloud", &self.kebab)
            .replace("example_cloud", &self.snake)
            .replace("ExampleCloud", &self.pascal)
            .replace("Example Cloud", &self.words)
            .replace("PORTICO_SDK", sdk)
    }
}

/// The SDK's folder, as it stands in a manifest.
fn sdk(project: &NewProject<'_>) -> Result<String, ProjectError> {
    let found = match project.sdk {
        Some(named) => {
            if !is_sdk(named) {
                return Err(ProjectError::NotTheSdk(named.into()));
            }
            named.to_owned()
        }
        None => {
            let folder = std::path::absolute(project.folder).ok();
            let starts = [folder, std::env::current_dir().ok()];
            starts.into_iter().flatten().find_map(|it| around(&it)).ok_or(ProjectError::NoSdk)?
        }
    };
    let whole = found.canonicalize().map_err(|_| ProjectError::NotTheSdk(found))?;
    // As a basic string of TOML.
    Ok(whole.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\""))
}

fn around(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|it| it.join("providers/sdk")).find(|it| is_sdk(it))
}

fn is_sdk(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.replace(' ', "") == "name=\"portico-provider\"")
}

#[cfg(test)]
mod tests;
