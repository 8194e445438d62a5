//! New plug-in projects: small ones that build, pass every check and replay a tape.

mod templates;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use thiserror::Error;

use self::templates::template;

/// A language for plug-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// With the SDK crate: the smallest component.
    Rust,
    /// With the helper module, in QuickJS.
    JavaScript,
    /// With the helper module, in CPython.
    Python,
}

/// The parameters of a new project.
#[derive(Clone, Copy, Debug)]
pub struct NewProject<'a> {
    /// The provider's id: lower-case letters, digits and `-`.
    pub name: &'a str,
    /// The language.
    pub language: Language,
    /// The folder for the files; it is created if missing.
    pub folder: &'a Path,
    /// For Rust, the folder of the crate `portico-provider`. `None`: the one of the Portico checkout
    /// that contains `folder` or the working directory.
    pub sdk: Option<&'a Path>,
}

/// Why a project cannot be created. Nothing was written, except with [`ProjectError::Write`].
#[derive(Debug, Error)]
pub enum ProjectError {
    /// The name is not a provider's id.
    #[error(
        "{0:?} cannot name a provider: take 2 to 32 lower-case letters, digits and single '-', a \
         letter first, such as acme-cloud"
    )]
    Name(String),
    /// Its settings would have the names of Portico's own variables.
    #[error(
        "{0:?} cannot name a provider: variables that begin with PORTICO_ are Portico's own, so it \
         could not be configured; take another name, such as acme-cloud"
    )]
    Reserved(String),
    /// A file exists.
    #[error("{} exists, and nothing is overwritten: take another folder", .0.display())]
    Exists(PathBuf),
    /// The Rust SDK was not found.
    #[error(
        "the crate portico-provider was not found: run this in a checkout of Portico, or name its \
         providers/sdk with --sdk"
    )]
    NoSdk,
    /// The named folder is not the Rust SDK.
    #[error("{} is not the crate portico-provider", .0.display())]
    NotTheSdk(PathBuf),
    /// A file could not be written.
    #[error("{} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
}

/// Not the name of a [`Language`].
#[derive(Debug, Error)]
#[error("{0:?} is not a language for plug-ins; there are rust, javascript and python")]
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

/// Writes a project that builds and passes every check. Returns the paths of its files.
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
    if let Some((existing, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(ProjectError::Exists(existing.clone()));
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

/// The project's name in several styles.
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
        let is_valid = (2..=32).contains(&name.len())
            && name.bytes().all(in_name)
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && parts.iter().all(|part| !part.is_empty());
        if !is_valid {
            return Err(ProjectError::Name(name.into()));
        }
        if parts[0] == "portico" {
            return Err(ProjectError::Reserved(name.into()));
        }
        let capitalize = |part: &&str| part[..1].to_ascii_uppercase() + &part[1..];
        let capitalized: Vec<_> = parts.iter().map(capitalize).collect();
        Ok(Self {
            kebab: name.into(),
            snake: name.replace('-', "_"),
            pascal: capitalized.concat(),
            words: capitalized.join(" "),
        })
    }

    /// The text of a template, whose project is named example-cloud, with this name.
    fn filled(&self, text: &str, sdk: &str) -> String {
        text.replace("example-cloud", &self.kebab)
            .replace("example_cloud", &self.snake)
            .replace("ExampleCloud", &self.pascal)
            .replace("Example Cloud", &self.words)
            .replace("PORTICO_SDK", sdk)
    }
}

/// The SDK's folder, escaped for a manifest.
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
            let sdk = starts.into_iter().flatten().find_map(|start| sdk_above(&start));
            sdk.ok_or(ProjectError::NoSdk)?
        }
    };
    let absolute = found.canonicalize().map_err(|_| ProjectError::NotTheSdk(found))?;
    // Escaped for a TOML basic string.
    Ok(absolute.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\""))
}

/// The SDK of the checkout that contains `folder`.
fn sdk_above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|it| it.join("providers/sdk")).find(|it| is_sdk(it))
}

fn is_sdk(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.replace(' ', "") == "name=\"portico-provider\"")
}

#[cfg(test)]
mod tests;
