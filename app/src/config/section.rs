//! Declarations of settings: variable, key in `portico.toml`, parser, default and meaning.
//!
//! A [`section`] generates the fields of the program, the reader that reports all faults at once, the list
//! of known settings, and the table in README (`readme.rs`).

use std::borrow::Cow;

use portico_domain::identity::ProviderId;
use portico_plugins::{key_in_file, variable};

/// The suffix of the variable that names a file with a secret.
pub(super) const FILE_SUFFIX: &str = "_FILE";

/// The prefix of the keys of plug-ins in `portico.toml`, which are read when a plug-in is loaded.
pub(super) const PROVIDERS: &str = "providers.";

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    variable: Cow<'static, str>,
    key: Cow<'static, str>,
    /// Whether its value is kept out of messages and may be read from a file of its own.
    is_secret: bool,
    presence: Presence,
    help: &'static str,
}

/// What is used if a setting is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// This text is parsed.
    Default(&'static str),
    /// No value, or one computed from other settings. The text describes it in README.
    Optional(&'static str),
    /// Nothing: the setting is required. The text says what to write.
    Required(&'static str),
}

/// Constructors named by the keywords of [`section`].
impl Presence {
    pub(super) const fn default(text: &'static str) -> Self {
        Self::Default(text)
    }

    pub(super) const fn optional(text: &'static str) -> Self {
        Self::Optional(text)
    }

    pub(super) const fn derived(text: &'static str) -> Self {
        Self::Optional(text)
    }

    pub(super) const fn required(hint: &'static str) -> Self {
        Self::Required(hint)
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Default(text) | Self::Optional(text) | Self::Required(text) => text,
        }
    }
}

impl Setting {
    /// A setting whose value may appear in messages.
    pub(super) const fn open(
        variable: &'static str,
        key: &'static str,
        presence: Presence,
        help: &'static str,
    ) -> Self {
        let (variable, key) = (Cow::Borrowed(variable), Cow::Borrowed(key));
        Self { variable, key, is_secret: false, presence, help }
    }

    /// A setting whose value is kept out of messages and may be read from a file of its own.
    pub(super) const fn secret(
        variable: &'static str,
        key: &'static str,
        presence: Presence,
        help: &'static str,
    ) -> Self {
        let (variable, key) = (Cow::Borrowed(variable), Cow::Borrowed(key));
        Self { variable, key, is_secret: true, presence, help }
    }

    /// A setting of a plug-in: `GITHUB_API_URL`, or `providers.github.api_url`.
    pub(super) fn of_provider(id: &ProviderId, key: &str) -> Self {
        let variable = variable(id, key);
        let key = key_in_file(id, key);
        let presence = Presence::Optional("none");
        let (variable, key) = (variable.into(), key.into());
        Self { variable, key, is_secret: false, presence, help: "" }
    }

    /// This setting as a secret.
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

/// Declares a section: a struct with one field per setting, each with its parser, names, presence and
/// meaning. `open` values may appear in messages, `secret` ones may be read from files. The presence is
/// one of
///
/// * `default`: this text is parsed if the setting is not set;
/// * `required`: the setting must be set; the text says what to write;
/// * `optional`: the field is an `Option`; the text describes in README what is used otherwise;
/// * `derived`: as `optional`, but a `check` computes the field from others.
///
/// A `check` gets the named fields as they were read: `None` after a fault.
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
            /// The settings of this section.
            pub(in crate::config) const SETTINGS: &'static [$crate::config::section::Setting] = &[
                $( $crate::config::section::Setting::$mask(
                    $variable,
                    $key,
                    $crate::config::section::Presence::$presence($text),
                    $help,
                ), )*
            ];

            /// Reads the section; `None` after a fault. Faults are added to the sources.
            #[allow(unused_mut, reason = "not every field is checked against others")]
            pub(in crate::config) fn read(
                sources: &mut $crate::config::sources::Sources,
            ) -> Option<Self> {
                let mut settings = Self::SETTINGS.iter();
                // All are read before the first `None` ends this, so that every fault is reported.
                $( let mut $field = sources.$presence(settings.next()?, $parse); )*
                $( $check(sources, $(&mut $of),*); )*
                Some(Self { $( $field: $field?, )* })
            }
        }
    };
}

pub(super) use section;
