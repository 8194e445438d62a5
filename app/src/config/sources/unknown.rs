//! Unknown environment variables.

use super::{
    super::{
        section::Setting,
        suggestion::{OWN_PREFIX, is_of_platform, is_similar, suggest},
    },
    CONFIG_FILE, Sources,
};

impl Sources {
    /// A hint for a missing variable, if one of a similar name is set.
    pub(super) fn misspelled(&self, missing: &str) -> String {
        let near = |name: &&str| is_similar(name, missing) && *name != missing;
        match self.environment.texts().map(|(name, _)| name).find(near) {
            Some(name) => format!(" {name} is set, but is not a setting: write {missing}."),
            None => String::new(),
        }
    }

    /// Reports variables with the prefix `PORTICO_` that are not settings: a fault if a setting has a
    /// similar name, else a warning. Other variables of a similar name are a warning only, since they
    /// may belong to another program.
    pub(in crate::config) fn refuse_unknown_variables(&mut self, known: &[&Setting]) {
        let files = known.iter().filter(|setting| setting.is_secret());
        let files = files.map(|setting| setting.file_variable());
        let names: Vec<String> =
            known.iter().map(|setting| setting.variable().to_owned()).collect();
        let names: Vec<String> =
            names.into_iter().chain(files).chain([CONFIG_FILE.into()]).collect();
        let unknown = |(name, _): &(&str, &str)| !names.iter().any(|known| known == name);
        let variables: Vec<_> = self.environment.texts().filter(unknown).collect();
        let (mut faults, mut warnings) = (Vec::new(), Vec::new());
        for (name, value) in variables {
            if name.to_ascii_uppercase().starts_with(OWN_PREFIX) {
                if is_of_platform(name, value) {
                    continue;
                }
                match suggest(name, names.iter().map(String::as_str)) {
                    Some(meant) => faults.push(format!(
                        "{name} is not a setting of Portico: write {meant}, or unset it."
                    )),
                    None => warnings.push(format!(
                        "{name} is not a setting of Portico and has no effect: check its spelling"
                    )),
                }
            } else if let Some(meant) = names.iter().find(|known| is_similar(name, known))
                && self.variable(meant).is_none()
            {
                warnings.push(format!("{name} is not a setting of Portico: did you mean {meant}?"));
            }
        }
        self.faults.extend(faults);
        self.warnings.extend(warnings);
    }
}
