//! Templates with what they come to: an operator reads addresses, and which settings decide them.

use std::slice;

use portico_domain::{
    identity::TenantId,
    provider::{
        Descriptor, FieldKind, Settings,
        template::{TENANT, TemplateError, address, fill, placeholders},
    },
};

use super::shown;

/// A tenant that nobody has, to find the place of `{tenant}` in an address that is filled.
const ANY_TENANT: &str = "portico-any-tenant";

/// The settings that templates are filled with.
pub(super) struct Filled(Settings);

impl Filled {
    /// These settings and the defaults of the others, as far as they are known. A secret is none.
    pub(super) fn of(descriptor: &Descriptor, settings: Option<&Settings>) -> Self {
        let mut known = settings.cloned().unwrap_or_default();
        for spec in &descriptor.settings {
            if spec.kind == FieldKind::Secret {
                known = known.iter().filter(|(key, _)| *key != spec.key).collect();
            } else if let Ok(complete) = known.clone().complete(slice::from_ref(spec)) {
                known = complete;
            }
        }
        Self(known)
    }

    /// An address, the template behind it in brackets where it is another text.
    pub(super) fn address(&self, template: &str) -> String {
        let tenant = TenantId::parse(ANY_TENANT).ok();
        match address(template, &self.0, tenant.as_ref()) {
            Ok(url) => {
                let bare = url.path() == "/" && !template.ends_with('/');
                let url = if bare { url.as_str().trim_end_matches('/') } else { url.as_str() };
                with_template(&url.replace(ANY_TENANT, "{tenant}"), template)
            }
            Err(TemplateError::Missing(_)) => self.text(template),
            Err(_) => format!("{} (no address, as the settings are)", shown(template)),
        }
    }

    /// Any other text, in the same way.
    pub(super) fn text(&self, template: &str) -> String {
        with_template(&self.value(template), template)
    }

    /// A text alone.
    pub(super) fn value(&self, template: &str) -> String {
        fill(template, |key| Some(self.0.get(key)?.trim_end_matches('/')))
    }

    /// The settings themselves.
    pub(super) fn settings(&self) -> &Settings {
        &self.0
    }
}

/// The text, and the template behind it where settings decide it.
pub(super) fn with_template(text: &str, template: &str) -> String {
    shown(text) + &bracketed(text, template)
}

/// ` [{key}/x]`, where settings decide what `text` is.
pub(super) fn bracketed(text: &str, template: &str) -> String {
    let decided = placeholders(template).any(|key| key != TENANT);
    if decided && text != template { format!(" [{}]", shown(template)) } else { String::new() }
}
