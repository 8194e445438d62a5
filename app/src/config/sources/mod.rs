//! Where a setting's text comes from: a variable, a file that a variable names, or `portico.toml`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    io::ErrorKind,
    path::Path,
};

use portico_domain::{identity::ProviderId, secret::ProviderSecret};

use super::{
    around::{is_quoted, trimmed},
    environment::Environment,
    likely::{OWN, is_near, is_of_platform, likely},
};

/// One setting, by the two names an operator may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    variable: Cow<'static, str>,
    key: Cow<'static, str>,
    /// Whether its value is kept out of messages, and may come from a file of its own.
    secret: bool,
}

impl Setting {
    pub(super) const fn new(variable: &'static str, key: &'static str) -> Self {
        Self { variable: Cow::Borrowed(variable), key: Cow::Borrowed(key), secret: false }
    }

    pub(super) const fn secret(variable: &'static str, key: &'static str) -> Self {
        Self { variable: Cow::Borrowed(variable), key: Cow::Borrowed(key), secret: true }
    }

    /// What a plug-in is told: `GITHUB_API_URL`, or `providers.github.api_url`.
    pub(super) fn of_provider(id: &ProviderId, key: &str) -> Self {
        let variable = format!("{id}_{key}").replace('-', "_").to_ascii_uppercase();
        let key = format!("{PROVIDERS}{id}.{}", key.replace('-', "_"));
        Self { variable: variable.into(), key: key.into(), secret: false }
    }

    /// The same, kept out of messages.
    pub(super) fn masked(self) -> Self {
        Self { secret: true, ..self }
    }

    pub(super) fn variable(&self) -> &str {
        &self.variable
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

/// A variable of this name beside a secret's names a file that holds it.
pub(super) const FILE_SUFFIX: &str = "_FILE";

/// Which file to read: this variable, or `portico.toml` in the working directory where there is
/// one.
const CONFIG_FILE: &str = "PORTICO_CONFIG";

/// The shortest secret that is looked for in what a plug-in is told: a shorter one would be found
/// anywhere.
const SHORTEST_HELD: usize = 6;
/// The largest `portico.toml`, and the largest file with a secret.
const MAX_BYTES: u64 = 1 << 20;

/// What is below this in `portico.toml` is for plug-ins, and read when they are loaded.
pub(super) const PROVIDERS: &str = "providers.";

/// A text and the name an operator gave it under.
struct Found {
    text: String,
    name: String,
}

/// What was said for each setting, as far as two of these can be compared: no secret can be read off
/// it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said(BTreeMap<String, u64>);

impl Said {
    /// The variables of what is said in another way in `newer`.
    pub(super) fn changed<'a>(&'a self, newer: &'a Self) -> impl Iterator<Item = &'a str> {
        let names: BTreeSet<_> = self.0.keys().chain(newer.0.keys()).collect();
        let differs = move |name: &&String| self.0.get(*name) != newer.0.get(*name);
        names.into_iter().filter(differs).map(String::as_str)
    }
}

/// Every source, and the faults found so far.
pub(super) struct Sources {
    environment: Environment,
    file: BTreeMap<String, String>,
    faults: Vec<String>,
    warnings: Vec<String>,
}

impl Sources {
    pub(super) fn new(environment: Environment) -> Self {
        Self { environment, file: BTreeMap::new(), faults: Vec::new(), warnings: Vec::new() }
    }

    /// The file that is named in place of `portico.toml`.
    pub(super) fn config_file(&mut self) -> Option<String> {
        self.given(CONFIG_FILE).flatten().map(|found| found.text)
    }

    /// Reads `portico.toml`, and refuses a key that is none: it would be silently without effect.
    pub(super) fn read_file(&mut self, path: &Path, required: bool, known: &[Setting]) {
        let shown = path.display();
        let text = match portico_files::read_text(path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !required => return,
            Err(error) => {
                self.faults.push(format!(
                    "PORTICO_CONFIG names {shown}, which cannot be read ({error}): name a file \
                     that can, or unset it."
                ));
                return;
            }
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                // Its own text shows the line, and with it a secret that stands there.
                let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
                let reason = error.message().replace('\n', " ");
                self.faults.push(format!("{shown} is not TOML: line {line}: {reason}"));
                return;
            }
        };
        let mut flat = BTreeMap::new();
        flatten("", &table, &mut flat);
        for (key, value) in flat {
            // A plug-in may come while Portico runs: only then is it known what it asks for.
            let for_plugin = key.starts_with(PROVIDERS);
            match (for_plugin || known.iter().any(|setting| setting.key == key), value) {
                (true, Some(text)) => {
                    self.file.insert(key, text);
                }
                (true, None) => self.faults.push(format!(
                    "{key} in {shown} must be a string in quotes, or a list of strings."
                )),
                (false, _) => self.faults.push(match likely_key(&key, known) {
                    Some(meant) => format!(
                        "{key} in {shown} is no setting of Portico's: write {meant}, or remove it."
                    ),
                    None => format!(
                        "{key} in {shown} is no setting of Portico's: check its spelling or remove \
                         it."
                    ),
                }),
            }
        }
    }

    /// The parsed value of a setting that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let found = self.find(&setting)?;
        let secret = setting.secret;
        match parse(&found.text) {
            Ok(value) => Some(value),
            Err(mend) if secret => {
                self.faults.push(format!("{} is wrong: {mend}.", found.name));
                None
            }
            Err(mend) => {
                self.faults.push(format!("{} is {:?}: {mend}.", found.name, found.text));
                None
            }
        }
    }

    /// The parsed value of a setting, or of its default.
    pub(super) fn or<T>(
        &mut self,
        setting: Setting,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let faults = self.faults.len();
        let given = self.optional(setting.clone(), &parse);
        if given.is_some() || self.faults.len() > faults {
            return given;
        }
        self.keep(setting, parse(default))
    }

    /// The parsed value of a setting that must be given; `mend` says what to write.
    pub(super) fn required<T>(
        &mut self,
        setting: Setting,
        mend: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let faults = self.faults.len();
        let given = self.optional(setting.clone(), parse);
        if given.is_none() && self.faults.len() == faults {
            let misspelled = self.misspelled(&setting.variable);
            self.faults.push(format!("{} is missing: {mend}.{misspelled}", setting.variable));
        }
        given
    }

    /// What to say of a variable whose name is nearly that of one that is missing.
    fn misspelled(&self, missing: &str) -> String {
        let near = |name: &&str| is_near(name, missing) && *name != missing;
        match self.environment.texts().map(|(name, _)| name).find(near) {
            Some(name) => format!(" {name} is set, which is no setting: write {missing}."),
            None => String::new(),
        }
    }

    /// A value that was derived, or the fault that it has.
    pub(super) fn keep<T>(&mut self, setting: Setting, result: Result<T, String>) -> Option<T> {
        result
            .map_err(|mend| self.faults.push(format!("{} is missing: {mend}.", setting.variable)))
            .ok()
    }

    /// Adds a fault that only several settings together show.
    pub(super) fn fault(&mut self, setting: Setting, mend: &str) {
        self.faults.push(format!("{} is wrong: {mend}.", setting.variable));
    }

    /// Whether anything is said under these names, in the environment or the file.
    pub(super) fn name_any(&self, settings: &[Setting]) -> bool {
        let said_by =
            |name: &str| self.variable(name).is_some() || self.environment.is_unreadable(name);
        let said = |setting: &Setting| {
            said_by(&setting.variable)
                || said_by(&format!("{}{FILE_SUFFIX}", setting.variable))
                || self.file.contains_key(setting.key.as_ref())
        };
        settings.iter().any(said)
    }

    /// Every secret that Portico was given: the sealing keys, and the client secrets of all
    /// providers, from variables, from the files that they name, and from `portico.toml`.
    pub(super) fn held_secrets(&self) -> Vec<ProviderSecret> {
        let mut held = Vec::new();
        for (name, value) in self.environment.texts() {
            let plain = name.strip_suffix(FILE_SUFFIX);
            if is_secrets(name) {
                held.push(value.to_owned());
            } else if plain.is_some_and(is_secrets) {
                held.extend(portico_files::read_text(Path::new(trimmed(value)), MAX_BYTES));
            }
        }
        let in_file = self.file.iter().filter(|(key, _)| is_secrets(&key.to_ascii_uppercase()));
        held.extend(in_file.map(|(_, value)| value.clone()));
        let each = held.iter().flat_map(|text| text.split(',')).map(trimmed);
        let long = each.filter(|text| text.len() >= SHORTEST_HELD);
        long.map(ProviderSecret::new).collect()
    }

    /// Refuses variables that are nearly named as one of Portico's, which would be silently without
    /// effect, and warns of those that only look as if they were: another program's may.
    pub(super) fn refuse_unknown_variables(&mut self, known: &[Setting]) {
        let files = known.iter().filter(|setting| setting.secret);
        let files = files.map(|setting| format!("{}{FILE_SUFFIX}", setting.variable));
        let names: Vec<String> = known.iter().map(|setting| setting.variable.to_string()).collect();
        let names: Vec<String> =
            names.into_iter().chain(files).chain([CONFIG_FILE.into()]).collect();
        let unknown = |(name, _): &(&str, &str)| !names.iter().any(|known| known == name);
        let given: Vec<_> = self.environment.texts().filter(unknown).collect();
        let (mut faults, mut warnings) = (Vec::new(), Vec::new());
        for (name, value) in given {
            if name.to_ascii_uppercase().starts_with(OWN) {
                if is_of_platform(name, value) {
                    continue;
                }
                match likely(name, names.iter().map(String::as_str)) {
                    Some(meant) => faults.push(format!(
                        "{name} is no setting of Portico's: write {meant}, or unset it."
                    )),
                    None => warnings.push(format!(
                        "{name} is no setting of Portico's and has no effect: check its spelling"
                    )),
                }
            } else if let Some(meant) = names.iter().find(|known| is_near(name, known))
                && self.variable(meant).is_none()
            {
                warnings.push(format!("{name} is no setting of Portico's: {meant} is"));
            }
        }
        self.faults.extend(faults);
        self.warnings.extend(warnings);
    }

    /// What is said for these settings.
    pub(super) fn said(&mut self, settings: &[Setting]) -> Said {
        let faults = self.faults.len();
        let mut said = BTreeMap::new();
        for setting in settings {
            if let Some(found) = self.find(setting) {
                let mut hasher = DefaultHasher::new();
                found.text.hash(&mut hasher);
                said.insert(setting.variable.to_string(), hasher.finish());
            }
        }
        // Whoever needed one of them has named what is wrong with it.
        self.faults.truncate(faults);
        Said(said)
    }

    /// Adds what is allowed and may be meant otherwise.
    pub(super) fn warn_of(&mut self, warning: Option<String>) {
        self.warnings.extend(warning);
    }

    /// The keys of the file that begin so.
    pub(super) fn keys_below(&self, prefix: &str) -> Vec<String> {
        self.file.keys().filter(|key| key.starts_with(prefix)).cloned().collect()
    }

    /// Adds a fault in words of its own.
    pub(super) fn fault_of(&mut self, fault: String) {
        self.faults.push(fault);
    }

    pub(super) fn into_faults(self) -> Vec<String> {
        self.faults
    }

    /// The faults, and what there is to warn of.
    pub(super) fn into_findings(self) -> (Vec<String>, Vec<String>) {
        (self.faults, self.warnings)
    }

    /// The environment wins over the file; an empty variable counts as not set, as container
    /// platforms leave them.
    fn find(&mut self, setting: &Setting) -> Option<Found> {
        let direct = self.given(&setting.variable)?;
        let in_file = match setting.secret {
            true => self.secret_file(setting, direct.is_some())?,
            false => None,
        };
        direct.or(in_file).or_else(|| {
            let text = self.file.get(setting.key.as_ref())?;
            // TOML's quotes say where a text begins and ends: a secret may end in a blank there. Its
            // quotes of three lines leave the line ends.
            let text = if setting.secret { text.trim_matches(['\r', '\n']) } else { trimmed(text) };
            Some(Found { text: text.to_owned(), name: format!("{} in portico.toml", setting.key) })
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

    /// What the file holds that a variable names; `None` where that is a fault.
    fn secret_file(&mut self, setting: &Setting, given_directly: bool) -> Option<Option<Found>> {
        let name = format!("{}{FILE_SUFFIX}", setting.variable);
        let Some(Found { text: path, .. }) = self.given(&name)? else { return Some(None) };
        let fault = if given_directly {
            format!("{} and {name} are both set: keep one of them.", setting.variable)
        } else {
            match portico_files::read_text(Path::new(&path), MAX_BYTES) {
                Ok(text) if trimmed(&text).is_empty() => {
                    format!("{name} names {path}, which is empty: write the secret into it.")
                }
                Ok(text) => {
                    let found = Found { text: trimmed(&text).to_owned(), name };
                    return Some(Some(self.unquoted(found)?));
                }
                Err(error) => format!(
                    "{name} names {path}, which cannot be read ({error}): name a file that can."
                ),
            }
        };
        self.faults.push(fault);
        None
    }
}

/// The key that was probably meant: a setting's, by its variable too, or a plug-in's below a table that
/// is nearly called as theirs.
fn likely_key(key: &str, known: &[Setting]) -> Option<String> {
    let by_variable = known.iter().find(|setting| setting.variable.eq_ignore_ascii_case(key));
    let keys = known.iter().map(|setting| setting.key.as_ref());
    let of_plugin = || {
        let (table, rest) = key.split_once('.')?;
        let providers = PROVIDERS.trim_end_matches('.');
        (is_near(table, &providers.to_ascii_uppercase()) && rest.contains('.'))
            .then(|| format!("{PROVIDERS}{rest}"))
    };
    let by_variable = by_variable.map(|setting| setting.key.to_string());
    by_variable.or_else(of_plugin).or_else(|| likely(key, keys).map(str::to_owned))
}

/// Whether a variable or key of this name holds a secret of Portico's.
fn is_secrets(name: &str) -> bool {
    name == "PORTICO_KEYS" || name == "KEYS" || name.ends_with("CLIENT_SECRET")
}

/// Every value of a table by its dotted key: strings as they are, lists of strings joined by
/// commas, anything else as `None`.
fn flatten(prefix: &str, table: &toml::Table, into: &mut BTreeMap<String, Option<String>>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(table) => flatten(&key, table, into),
            toml::Value::String(text) => {
                into.insert(key, Some(text.clone()));
            }
            toml::Value::Array(items) => {
                let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
                into.insert(key, texts.map(|texts| texts.join(",")));
            }
            _ => {
                into.insert(key, None);
            }
        }
    }
}
