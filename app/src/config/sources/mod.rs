//! The sources of settings: a variable, a file that a variable names, or `portico.toml`.
//!
//! `toml_file.rs` reads the file, `secrets.rs` reads secrets, `unknown.rs` reports unknown variables, and
//! `fingerprints.rs` detects changes.

mod fingerprints;
mod secrets;
mod toml_file;
mod unknown;

use std::collections::BTreeMap;

pub(crate) use self::fingerprints::Fingerprints;
use super::{
    environment::Environment,
    section::{Presence, Setting},
    text::{is_quoted, trimmed},
};

/// The variable with the path of the file; default is `portico.toml` in the working directory.
const CONFIG_FILE: &str = "PORTICO_CONFIG";

/// The largest `portico.toml`, and the largest file with a secret.
pub(super) const MAX_BYTES: u64 = 1 << 20;

/// The text of a setting, and the name of its source.
struct Found {
    text: String,
    name: String,
}

/// All sources, and the faults found so far.
pub(super) struct Sources {
    environment: Environment,
    file: BTreeMap<String, String>,
    has_file: bool,
    /// What the file has under `apps`.
    apps: Option<toml::Value>,
    faults: Vec<String>,
    warnings: Vec<String>,
}

/// Readers of settings, as declared by `section.rs`.
impl Sources {
    pub(super) fn new(environment: Environment) -> Self {
        Self {
            environment,
            file: BTreeMap::new(),
            has_file: false,
            apps: None,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The path in `PORTICO_CONFIG`.
    pub(super) fn config_file(&mut self) -> Option<String> {
        self.read_variable(CONFIG_FILE).flatten().map(|found| found.text)
    }

    /// The parsed value or the default; `None` after a fault.
    pub(super) fn default<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let faults = self.faults.len();
        let value = self.derived(setting, &parse);
        match setting.presence() {
            Presence::Default(text) if value.is_none() && self.faults.len() == faults => {
                self.computed(setting.variable(), parse(text))
            }
            _ => value,
        }
    }

    /// The parsed value of an optional setting; a wrong one is a fault and read as none.
    pub(super) fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        Some(self.derived(setting, parse))
    }

    /// The parsed value; `None` if it is not set, or after a fault.
    pub(super) fn derived<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let found = self.find(setting)?;
        match parse(&found.text) {
            Ok(value) => return Some(value),
            Err(hint) if setting.is_secret() => {
                self.faults.push(format!("{} is wrong: {hint}.", found.name));
            }
            Err(hint) => {
                self.faults.push(format!("{} is {:?}: {hint}.", found.name, found.text));
            }
        }
        None
    }

    /// [`Self::derived`] without reporting faults, for a setting that is also read elsewhere.
    pub(super) fn quiet<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let faults = self.faults.len();
        let value = self.derived(setting, parse);
        self.faults.truncate(faults);
        value
    }

    /// The parsed value of a required setting.
    pub(super) fn required<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let hint = setting.presence().text();
        self.required_or(setting, hint, parse)
    }

    /// [`Self::required`], with this text for a missing value.
    pub(super) fn required_or<T>(
        &mut self,
        setting: &Setting,
        hint: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let faults = self.faults.len();
        let value = self.derived(setting, parse);
        if value.is_none() && self.faults.len() == faults {
            let variable = setting.variable();
            let misspelled = self.misspelled(variable);
            self.faults.push(format!("{variable} is missing: {hint}.{misspelled}"));
        }
        value
    }

    /// A computed value; its error is reported as a missing setting.
    pub(super) fn computed<T>(&mut self, variable: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|hint| self.faults.push(format!("{variable} is missing: {hint}."))).ok()
    }

    /// Adds a fault of a combination of settings.
    pub(super) fn fault(&mut self, variable: &str, hint: &str) {
        self.faults.push(format!("{variable} is wrong: {hint}."));
    }

    /// Adds a fault.
    pub(super) fn add_fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// Whether `portico.toml` was read: it is TOML, or it is not there and need not be.
    pub(super) fn has_file(&self) -> bool {
        self.has_file
    }

    /// What `portico.toml` has under `apps`.
    pub(super) fn take_apps(&mut self) -> Option<toml::Value> {
        self.apps.take()
    }

    /// Adds a warning, if there is one.
    pub(super) fn add_warning(&mut self, warning: Option<String>) {
        self.warnings.extend(warning);
    }

    /// Whether any of these settings is set, in the environment or the file.
    pub(super) fn is_any_set(&self, settings: &[Setting]) -> bool {
        let has_variable =
            |name: &str| self.variable(name).is_some() || self.environment.is_non_utf8(name);
        let is_set = |setting: &Setting| {
            has_variable(setting.variable())
                || has_variable(&setting.file_variable())
                || self.file.contains_key(setting.key())
        };
        settings.iter().any(is_set)
    }

    pub(super) fn into_faults(self) -> Vec<String> {
        self.faults
    }

    /// The faults and the warnings.
    pub(super) fn into_findings(self) -> (Vec<String>, Vec<String>) {
        (self.faults, self.warnings)
    }
}

/// Readers of texts.
impl Sources {
    /// The environment wins over the file; an empty variable counts as not set, as container
    /// platforms leave them.
    fn find(&mut self, setting: &Setting) -> Option<Found> {
        let direct = self.read_variable(setting.variable())?;
        let in_file = match setting.is_secret() {
            true => self.secret_file(setting, direct.is_some())?,
            false => None,
        };
        direct.or(in_file).or_else(|| {
            let text = self.file.get(setting.key())?;
            // TOML strings are delimited, so a secret may end in a space. Multi-line strings keep the
            // final line break, which is removed.
            let text =
                if setting.is_secret() { text.trim_matches(['\r', '\n']) } else { trimmed(text) };
            Some(Found {
                text: text.to_owned(),
                name: format!("{} in portico.toml", setting.key()),
            })
        })
    }

    /// The text of a variable, if it is set; `None` after a fault.
    fn read_variable(&mut self, name: &str) -> Option<Option<Found>> {
        if self.environment.is_non_utf8(name) {
            self.faults.push(format!("{name} is not valid UTF-8: write it anew."));
            return None;
        }
        let Some(text) = self.variable(name) else { return Some(None) };
        Some(Some(self.refuse_quoted(Found { text, name: name.to_owned() })?))
    }

    /// Refuses a quoted value. A secret that really has quotes can be written in `portico.toml`.
    fn refuse_quoted(&mut self, found: Found) -> Option<Found> {
        if is_quoted(&found.text) {
            self.faults.push(format!(
                "{} is in quotes, which are part of the value there: write it without them.",
                found.name
            ));
            return None;
        }
        Some(found)
    }

    fn variable(&self, name: &str) -> Option<String> {
        let text = trimmed(self.environment.get(name)?);
        (!text.is_empty()).then(|| text.to_owned())
    }
}
