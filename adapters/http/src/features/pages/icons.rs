//! The icons of plug-ins, each looked at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hyper::body::Bytes;
use portico_domain::provider::Descriptor;
use portico_provider_icon::sanitise;

/// How many icons are remembered: more than there are plug-ins.
const MAX_ICONS: usize = 256;

/// What has become of each icon: the shapes that are shown, or nothing.
#[derive(Debug, Default)]
pub(crate) struct Icons(Mutex<HashMap<Arc<str>, Option<Bytes>>>);

impl Icons {
    /// What is shown of a provider's icon; `None` where it has none that may be shown. The log says
    /// once why.
    pub(crate) fn of(&self, descriptor: &Descriptor) -> Option<Bytes> {
        let icon = descriptor.icon.as_deref()?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shown) = known.get(icon) {
            return shown.clone();
        }
        let shown = match sanitise(icon) {
            Ok(shapes) => Some(Bytes::from(shapes)),
            Err(refused) => {
                let provider = descriptor.id.as_str();
                tracing::warn!(provider, %refused, "the icon is not shown");
                None
            }
        };
        if known.len() >= MAX_ICONS {
            known.clear();
        }
        known.insert(icon.into(), shown.clone());
        shown
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::testing::samples;

    use super::*;

    #[test]
    fn an_icon_is_shown_as_its_shapes_or_not_at_all() {
        let (icons, mut descriptor) = (Icons::default(), samples::descriptor());
        assert_eq!(icons.of(&descriptor), None);
        let svg = |inner: &str| {
            format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{inner}</svg>"#)
        };
        descriptor.icon = Some(svg("<!-- x --><path d='M0,0'/>"));
        let shown = svg(r#"<path d="M0 0"/>"#);
        assert_eq!(icons.of(&descriptor).unwrap(), shown.as_bytes());
        descriptor.icon = Some(svg("<script/>"));
        assert_eq!(icons.of(&descriptor), None);
        assert_eq!(icons.of(&descriptor), None);
    }
}
