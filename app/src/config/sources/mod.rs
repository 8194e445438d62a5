//! Where a setting's text comes from: a variable, a file that a variable names, or `portico.toml`.
//!
//! `toml_file.rs` reads the file, `secrets.rs` what must not be seen, `unknown.rs` finds names of no
//! setting, and `said.rs` keeps what was said to be compared.

mod said;
mod secrets;
mod toml_file;
mod unknown;

use std::collections::BTreeMap;

pub(crate) use self::said::Said;
use super::{
    around::{is_quoted, trimmed},
    environment::Environment,
    section::{Presence, Setting},
};

/// Which file to read: this variable, or `portico.toml` in the working directory where there is
/// one.
const CONFIG_FILE: &str = "PORTICO_CONFIG";

/// The largest `portico.toml`, and the largest file with a secret.
const MAX_BYTES: u64 = 1 << 20;

/// A text and the name an operator gave it under.
struct Found {
    text: String,
    name: String,
}

/// Every source, and the faults found so far.
pub(super) struct Sources {
    environment: Environment,
    file: BTreeMap<String, String>,
    faults: Vec<String>,
    warnings: Vec<String>,
}

/// Settings, as `section.rs` declares them.
impl Sources {
    pub(super) fn new(environment: Environment) -> Self {
        Self { environment, file: BTreeMap::new(), faults: Vec::new(), warnings: Vec::new() }
    }

    /// The file that is named in place of `portico.toml`.
    pub(super) fn config_file(&mut self) -> Option<String> {
        self.given(CONFIG_FILE).flatten().map(|found| found.text)
    }

    /// The parsed value, or that of the default; `None` where that is a fault.
    pub(super) fn default<T>(
        &mut self,
        setting: &Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let faults = self.faults.len();
        let given = self.derived(setting, &parse);
        match setting.presence() {
            Presence::Default(text) if given.is_none() && self.faults.len() == faults => {
                self.keep(setting.variable(), parse(text))
            }
            _ => given,
        }
    }

    /// The parsed value, or that there is none; a value that is wrong is a fault and none.
    pub(super) fn optional<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        Some(self.derived(setting, parse))
    }

    /// The parsed value; `None` where there is none or it is wrong, which is a fault.
    pub(super) fn derived<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let found = self.find(setting)?;
        match parse(&found.text) {
            Ok(value) => return Some(value),
            Err(mend) if setting.is_secret() => {
                self.faults.push(format!("{} is wrong: {mend}.", found.name));
            }
            Err(mend) => {
                self.faults.push(format!("{} is {:?}: {mend}.", found.name, found.text));
            }
        }
        None
    }

    /// The same without a fault, where another reads it too and names what is wrong.
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

    /// The parsed value of a setting that must be given.
    pub(super) fn required<T>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let mend = setting.presence().words();
        self.required_or(setting, mend, parse)
    }

    /// The same, where the plug-in's author says what to write.
    pub(super) fn required_or<T>(
        &mut self,
        setting: &Setting,
        mend: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let faults = self.faults.len();
        let given = self.derived(setting, parse);
        if given.is_none() && self.faults.len() == faults {
            let variable = setting.variable();
            let misspelled = self.misspelled(variable);
            self.faults.push(format!("{variable} is missing: {mend}.{misspelled}"));
        }
        given
    }

    /// A value that was derived, or the fault that it has.
    pub(super) fn keep<T>(&mut self, variable: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|mend| self.faults.push(format!("{variable} is missing: {mend}."))).ok()
    }

    /// Adds a fault that only several settings together show.
    pub(super) fn fault(&mut self, variable: &str, mend: &str) {
        self.faults.push(format!("{variable} is wrong: {mend}."));
    }

    /// Adds a fault in words of its own.
    pub(super) fn fault_of(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// Adds what is allowed and may be meant otherwise.
    pub(super) fn warn_of(&mut self, warning: Option<String>) {
        self.warnings.extend(warning);
    }

    /// Whether anything is said under these names, in the environment or the file.
    pub(super) fn name_any(&self, settings: &[Setting]) -> bool {
        let said_by =
            |name: &str| self.variable(name).is_some() || self.environment.is_unreadable(name);
        let said = |setting: &Setting| {
            said_by(setting.variable())
                || said_by(&setting.file_variable())
                || self.file.contains_key(setting.key())
        };
        settings.iter().any(said)
    }

    pub(super) fn into_faults(self) -> Vec<String> {
        self.faults
    }

    /// The faults, and what there is to warn of.
    pub(super) fn into_findings(self) -> (Vec<String>, Vec<String>) {
        (self.faults, self.warnings)
    }
}

/// Texts.
impl Sources {
    /// The environment wins over the file; an empty variable counts as not set, as container
    /// platforms leave them.
    fn find(&mut self, setting: &Setting) -> Option<Found> {
        let direct = self.given(setting.variable())?;
        let in_file = match setting.is_secret() {
            true => self.secret_file(setting, direct.is_some())?,
            false => None,
        };
        direct.or(in_file).or_else(|| {
            let text = self.file.get(setting.key())?;
            // TOML's quotes say where a text begins and ends: a secret may end in a blank there. Its
            // quotes of three lines leave the line ends.
            let text =
                if setting.is_secret() { text.trim_matches(['\r', '\n']) } else { trimmed(text) };
            Some(Found {
                text: text.to_owned(),
                name: format!("{} in portico.toml", setting.key()),
            })
        })
    }

    /// A variable that is set; `None` where it is of no use, which is a fault.
    fn given(&mut self, name: &str) -> Option<Option<Found>> {
        if self.environment.is_unreadable(name) {
            self.faults.push(format!("{name} is no text in UTF-8: write it anew."));
            return None;
        }
        let Some(text) = self.variable(name) else { return Some(None) };
        Some(Some(self.unquoted(Found { text, name: name.to_owned() })?))
    }

    /// A value that stands in quotes could be meant with them only where a secret is, and such a one
    /// can be written in `portico.toml`.
    fn unquoted(&mut self, found: Found) -> Option<Found> {
        if is_quoted(&found.text) {
            self.faults.push(format!(
                "{} stands in quotes, which are part of the value there: write it without them.",
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
