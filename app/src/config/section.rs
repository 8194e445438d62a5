//! One declaration a setting: its variable, its key in `portico.toml`, what it must look like, what is
//! used where nothing is said, and what it means.
//!
//! From a [`section`] come the fields that the program reads, the reading with every fault at once, the
//! list of settings by which an unknown one is told, and README's table (`readme.rs`).

use std::borrow::Cow;

use portico_domain::identity::ProviderId;
use portico_plugins::{key_in_file, variable};

/// A variable of this name beside a secret's names a file that holds it.
pub(super) const FILE_SUFFIX: &str = "_FILE";

/// What is below this in `portico.toml` is for plug-ins, and read when they are loaded.
pub(super) const PROVIDERS: &str = "providers.";

/// One setting, by the two names an operator may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    variable: Cow<'static, str>,
    key: Cow<'static, str>,
    /// Whether its value is kept out of messages, and may come from a file of its own.
    is_secret: bool,
    presence: Presence,
    help: &'static str,
}

/// What is used where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// This text, as if it was said.
    Default(&'static str),
    /// No value, or one that follows from others: in these words.
    Optional(&'static str),
    /// It must be said: what to write.
    Required(&'static str),
}

/// By the words of [`section`].
impl Presence {
    pub(super) const fn default(text: &'static str) -> Self {
        Self::Default(text)
    }

    pub(super) const fn optional(words: &'static str) -> Self {
        Self::Optional(words)
    }

    pub(super) const fn derived(words: &'static str) -> Self {
        Self::Optional(words)
    }

    pub(super) const fn required(mend: &'static str) -> Self {
        Self::Required(mend)
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Default(words) | Self::Optional(words) | Self::Required(words) => words,
        }
    }
}

impl Setting {
    /// A setting whose value may stand in messages.
    pub(super) const fn open(
        variable: &'static str,
        key: &'static str,
        presence: Presence,
        help: &'static str,
    ) -> Self {
        let (variable, key) = (Cow::Borrowed(variable), Cow::Borrowed(key));
        Self { variable, key, is_secret: false, presence, help }
    }

    /// One whose value is kept out of messages, and may come from a file of its own.
    pub(super) const fn secret(
        variable: &'static str,
        key: &'static str,
        presence: Presence,
        help: &'static str,
    ) -> Self {
        let (variable, key) = (Cow::Borrowed(variable), Cow::Borrowed(key));
        Self { variable, key, is_secret: true, presence, help }
    }

    /// What a plug-in is told: `GITHUB_API_URL`, or `providers.github.api_url`.
    pub(super) fn of_provider(id: &ProviderId, key: &str) -> Self {
        let variable = variable(id, key);
        let key = key_in_file(id, key);
        let presence = Presence::Optional("none");
        let (variable, key) = (variable.into(), key.into());
        Self { variable, key, is_secret: false, presence, help: "" }
    }

    /// The same, kept out of messages.
    pub(super) fn masked(self) -> Self {
        Self { is_secret: true, ..self }
    }

    pub(super) fn variable(&self) -> &str {
        &self.variable
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// The variable that names a file with the value.
    pub(super) fn file_variable(&self) -> String {
        format!("{}{FILE_SUFFIX}", self.variable)
    }

    pub(super) fn presence(&self) -> Presence {
        self.presence
    }

    #[cfg(test)]
    pub(super) fn help(&self) -> &'static str {
        self.help
    }
}

/// Declares a section: a struct with a field a setting, each with its parser, names, presence and
/// meaning. `open` values may stand in messages, `secret` ones may come from files. The presence is one
/// of
///
/// * `default`: this text is read where nothing is said;
/// * `required`: it must be said, and these words say what to write;
/// * `optional`: the field is an `Option`, and these words say in README what is used otherwise;
/// * `derived`: the same, where a `check` computes the field from others.
///
/// A `check` is given the named fields as they were read, `None` where that is a fault.
macro_rules! section {
    (
        $(#[$about:meta])*
        $Section:ident {
            $( $field:ident: $Type:ty = $parse:path {
                $mask:ident: $variable:literal, key: $key:literal,
                $presence:ident: $text:literal,
                help: $help:literal,
            } )*
        }
        $( check $check:ident($($of:ident),*) )*
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $Section {
            $( #[doc = $help] pub $field: $Type, )*
        }

        impl $Section {
            /// Everything that can be said here.
            pub(in crate::config) const SETTINGS: &'static [$crate::config::section::Setting] = &[
                $( $crate::config::section::Setting::$mask(
                    $variable,
                    $key,
                    $crate::config::section::Presence::$presence($text),
                    $help,
                ), )*
            ];

            /// Reads it; every fault goes to the sources.
            #[allow(unused_mut, reason = "not every field is checked against others")]
            pub(in crate::config) fn read(
                sources: &mut $crate::config::sources::Sources,
            ) -> Option<Self> {
                let mut settings = Self::SETTINGS.iter();
                // All are read before one that is wrong ends it.
                $( let mut $field = sources.$presence(settings.next()?, $parse); )*
                $( $check(sources, $(&mut $of),*); )*
                Some(Self { $( $field: $field?, )* })
            }
        }
    };
}

pub(super) use section;
