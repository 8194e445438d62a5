//! Filled templates: an operator sees the address and, in brackets, which settings decide it.

use std::slice;

use portico_domain::{
    identity::TenantId,
    provider::{
        Descriptor, FieldKind, Settings,
        template::{TENANT, TemplateError, address, fill, placeholders},
    },
};

use super::shown;

/// A placeholder for the tenant, to be replaced by `{tenant}` in a filled address.
const ANY_TENANT: &str = "portico-any-tenant";

/// Fills templates with settings.
pub(super) struct FilledTemplates(Settings);

impl FilledTemplates {
    /// With the given settings and the defaults of the others, as far as these can be filled. Secrets
    /// are left out.
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

    /// A filled address, with the template in brackets if settings decide it.
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

    /// As [`Self::address`], for a text that is not an address.
    pub(super) fn text(&self, template: &str) -> String {
        with_template(&self.value(template), template)
    }

    /// A filled text without the template.
    pub(super) fn value(&self, template: &str) -> String {
        fill(template, |key| Some(self.0.get(key)?.trim_end_matches('/')))
    }

    /// The settings themselves.
    pub(super) fn settings(&self) -> &Settings {
        &self.0
    }
}

/// The text, with the template in brackets if settings decide it.
pub(super) fn with_template(text: &str, template: &str) -> String {
    shown(text) + &bracketed(text, template)
}

/// ` [{key}/x]` if settings decide the text, else nothing.
pub(super) fn bracketed(text: &str, template: &str) -> String {
    let decided = placeholders(template).any(|key| key != TENANT);
    if decided && text != template { format!(" [{}]", shown(template)) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::host_only("https://cloud.example", "https://cloud.example")]
    #[case::root("https://cloud.example/", "https://cloud.example/")]
    #[case::path("https://cloud.example/a", "https://cloud.example/a")]
    #[case::upper_case_host("https://Cloud.example/a", "https://cloud.example/a")]
    #[case::tenant("https://cloud.example/{tenant}", "https://cloud.example/{tenant}")]
    #[case::setting("https://{host}/a", "https://id.example/a [https://{host}/a]")]
    #[case::missing_setting("https://{other}/a", "https://{other}/a")]
    #[case::no_address("cloud.example", "cloud.example (no address, as the settings are)")]
    fn address_is_filled_with_its_template_if_settings_decide_it(
        #[case] template: &str,
        #[case] expected: &str,
    ) {
        let filled = FilledTemplates(Settings::from_iter([("host", "id.example")]));
        assert_eq!(filled.address(template), expected);
    }
}
