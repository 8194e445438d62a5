//! What a newer version of a provider asks for that the one before did not.

use portico_domain::provider::{Descriptor, Grant, SettingSpec};

use crate::wishes::{kind, methods, people, placed, whose};

/// One thing that differs in what a provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What, in plain words.
    pub words: String,
    /// Whether it asks for more than was granted, so that an operator has to agree anew.
    pub widens: bool,
}

/// What differs in what a provider asks for, in plain words.
pub fn wishes_changed(old: &Descriptor, new: &Descriptor) -> Vec<String> {
    changes(old, new).into_iter().map(|change| change.words).collect()
}

/// What differs, each with whether it widens what was granted.
pub fn changes(old: &Descriptor, new: &Descriptor) -> Vec<Change> {
    let mut found = Changes(Vec::new());
    found.differs("the provider's id", old.id.as_str(), new.id.as_str(), true);
    found.differs("its name", &old.name, &new.name, false);
    found.differs("its version", &old.version, &new.version, false);
    found.differs("what it lists", &old.account_noun, &new.account_noun, false);
    found.differs("its icon", icon(old), icon(new), false);
    if old.people != new.people {
        let (was, is) = (people(old.people.as_ref()), people(new.people.as_ref()));
        found.more(format!("says otherwise who a person is. Before: {was} Now: {is}"));
    }
    found.settings(&old.settings, &new.settings);
    found.grants(&old.grants, &new.grants);
    found.0
}

fn icon(descriptor: &Descriptor) -> &str {
    descriptor.icon.as_deref().unwrap_or("none")
}

struct Changes(Vec<Change>);

impl Changes {
    fn more(&mut self, words: String) {
        self.0.push(Change { words, widens: true });
    }

    fn less(&mut self, words: String) {
        self.0.push(Change { words, widens: false });
    }

    fn differs(&mut self, what: &str, was: &str, is: &str, widens: bool) {
        if was != is {
            self.0.push(Change { words: format!("{what} was {was} and is now {is}"), widens });
        }
    }

    fn settings(&mut self, old: &[SettingSpec], new: &[SettingSpec]) {
        for gone in old.iter().filter(|was| !new.iter().any(|is| is.key == was.key)) {
            self.less(format!("takes the setting {} no more", gone.key));
        }
        for spec in new {
            match old.iter().find(|was| was.key == spec.key) {
                Some(was) => self.setting(was, spec),
                None if spec.required && spec.default.is_none() => {
                    self.more(format!("needs a new setting {}: {}", spec.key, spec.help));
                }
                None => self.less(format!("takes a new setting {}: {}", spec.key, spec.help)),
            }
        }
    }

    fn setting(&mut self, was: &SettingSpec, is: &SettingSpec) {
        let place = format!("the setting {}", is.key);
        self.differs(&place, &kind(&was.kind), &kind(&is.kind), false);
        let none = "nothing".to_owned();
        let default = |spec: &SettingSpec| spec.default.clone().unwrap_or_else(|| none.clone());
        // A default fills the hosts of grants, and so widens them.
        self.differs(&format!("{place}, left out,"), &default(was), &default(is), true);
        if !was.required && is.required {
            self.more(format!("needs the setting {} now", is.key));
        }
    }

    fn grants(&mut self, old: &[Grant], new: &[Grant]) {
        for gone in old.iter().filter(|was| !new.iter().any(|is| is.name == was.name)) {
            self.less(format!("asks for the grant {} no more", gone.name));
        }
        for grant in new {
            match old.iter().find(|was| was.name == grant.name) {
                Some(was) => self.grant(was, grant),
                None => self.more(format!(
                    "asks for a new grant {}: to {} {} below {} with {}: {}",
                    grant.name,
                    methods(&grant.methods),
                    grant.hosts.join(", "),
                    grant.paths.join(", "),
                    whose(grant.principal),
                    grant.why
                )),
            }
        }
    }

    fn grant(&mut self, was: &Grant, is: &Grant) {
        let name = &is.name;
        self.list(name, "host", &was.hosts, &is.hosts);
        self.list(name, "path", &was.paths, &is.paths);
        self.list(name, "scope", &was.scopes, &is.scopes);
        for method in is.methods.iter().filter(|method| !was.methods.contains(method)) {
            self.more(format!("may now {} under the grant {name}", methods(&[*method])));
        }
        for method in was.methods.iter().filter(|method| !is.methods.contains(method)) {
            self.less(format!("may no more {} under the grant {name}", methods(&[*method])));
        }
        let place = format!("the grant {name}: the token");
        self.differs(&place, whose(was.principal), whose(is.principal), true);
        let place = format!("the grant {name}: how the token is sent");
        self.differs(&place, &placed(&was.placement), &placed(&is.placement), true);
        self.differs(&format!("the grant {name}: why"), &was.why, &is.why, false);
    }

    fn list(&mut self, grant: &str, what: &str, was: &[String], is: &[String]) {
        for new in is.iter().filter(|new| !was.contains(new)) {
            self.more(format!("asks for a new {what} {new} under the grant {grant}"));
        }
        for gone in was.iter().filter(|gone| !is.contains(gone)) {
            self.less(format!("asks for the {what} {gone} no more under the grant {grant}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::{
        identity::ProviderId,
        provider::{FieldKind, Method, Placement, Principal},
        testing::samples,
    };

    use super::*;

    fn changed(change: impl FnOnce(&mut Descriptor)) -> Vec<Change> {
        let old = Descriptor { settings: vec![spec("region", true)], ..samples::descriptor() };
        let mut new = old.clone();
        change(&mut new);
        changes(&old, &new)
    }

    fn spec(key: &str, required: bool) -> SettingSpec {
        let help = "ask whoever knows".to_owned();
        let (key, label) = (key.to_owned(), key.to_owned());
        SettingSpec { key, label, help, kind: FieldKind::Text, required, default: None }
    }

    #[test]
    fn the_same_descriptor_asks_for_nothing_anew() {
        assert_eq!(changed(|_| {}), []);
        assert!(wishes_changed(&samples::descriptor(), &samples::descriptor()).is_empty());
    }

    type Mutation = fn(&mut Descriptor);

    #[test]
    fn whatever_reaches_further_is_said_and_widens() {
        let further: [(Mutation, &str); 11] = [
            (
                |it| it.grants[0].hosts.push("api.example".into()),
                "a new host api.example under the grant as-app",
            ),
            (|it| it.grants[0].paths.push("/".into()), "a new path /"),
            (|it| it.grants[0].scopes.push("all".into()), "a new scope all"),
            (|it| it.grants[0].methods.push(Method::Post), "may now POST under the grant as-app"),
            (
                |it| it.grants[0].principal = Principal::SignedInUser,
                "is now the token of the person",
            ),
            (
                |it| it.grants[0].placement = Placement::Header("x-key".into()),
                "in the header x-key",
            ),
            (
                |it| it.grants.push(samples::grant("write", Principal::Application)),
                "a new grant write",
            ),
            (|it| it.people = None, "otherwise who a person is"),
            (|it| it.settings.push(spec("zone", true)), "needs a new setting zone"),
            (|it| it.settings[0].default = Some("eu".into()), "is now eu"),
            (|it| it.id = ProviderId::parse("other").unwrap(), "is now other"),
        ];
        for (change, words) in further {
            let found = changed(change);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].words.contains(words) && found[0].widens, "{found:?}");
        }
    }

    #[test]
    fn what_is_given_up_or_only_reads_otherwise_is_said_and_widens_nothing() {
        let nearer: [(Mutation, &str); 11] = [
            (|it| it.grants[0].hosts.clear(), "the host cloud.example no more"),
            (|it| it.grants[0].methods.clear(), "may no more GET"),
            (|it| drop(it.grants.pop()), "the grant elsewhere-as-application no more"),
            (|it| it.grants[0].why = "to read".into(), "why was to list what there is"),
            (|it| it.settings.clear(), "takes the setting region no more"),
            (|it| it.settings.push(spec("zone", false)), "takes a new setting zone"),
            (|it| it.settings[0].kind = FieldKind::Flag, "is now true or false"),
            (|it| it.version = "2.0.0".into(), "its version was 1.0.0 and is now 2.0.0"),
            (|it| it.name = "Azure".into(), "is now Azure"),
            (|it| it.account_noun = "project".into(), "is now project"),
            (|it| it.icon = Some("<svg/>".into()), "its icon was none"),
        ];
        for (change, words) in nearer {
            let found = changed(change);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].words.contains(words) && !found[0].widens, "{found:?}");
        }
    }
}
