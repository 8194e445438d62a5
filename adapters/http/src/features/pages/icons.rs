//! A cache of sanitised icons.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hyper::body::Bytes;
use portico_domain::provider::Descriptor;
use portico_provider_icon::sanitise;

/// The most cached icons: more than there are plug-ins.
const MAX_ICONS: usize = 256;

/// The sanitised icons by their source; `None` for a refused one.
#[derive(Debug, Default)]
pub(crate) struct Icons(Mutex<HashMap<Arc<str>, Option<Bytes>>>);

impl Icons {
    /// The sanitised icon of a provider; `None` if it has none, or if it is refused, which is logged once.
    pub(crate) fn sanitised(&self, descriptor: &Descriptor) -> Option<Bytes> {
        let icon = descriptor.icon.as_deref()?;
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = cache.get(icon) {
            return cached.clone();
        }
        let sanitised = match sanitise(icon) {
            Ok(svg) => Some(Bytes::from(svg)),
            Err(refused) => {
                let provider = descriptor.id.as_str();
                tracing::warn!(provider, %refused, "the icon is not shown");
                None
            }
        };
        if cache.len() >= MAX_ICONS {
            cache.clear();
        }
        cache.insert(icon.into(), sanitised.clone());
        sanitised
    }
}

#[cfg(test)]
mod tests {
    use portico_domain::testing::samples;

    use super::*;

    #[test]
    fn sanitised_returns_shapes_or_none() {
        let (icons, mut descriptor) = (Icons::default(), samples::descriptor());
        assert_eq!(icons.sanitised(&descriptor), None);
        let svg = |inner: &str| {
            format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{inner}</svg>"#)
        };
        descriptor.icon = Some(svg("<!-- x --><path d='M0,0'/>"));
        let shown = svg(r#"<path d="M0 0"/>"#);
        assert_eq!(icons.sanitised(&descriptor).unwrap(), shown.as_bytes());
        descriptor.icon = Some(svg("<script/>"));
        assert_eq!(icons.sanitised(&descriptor), None);
        assert_eq!(icons.sanitised(&descriptor), None);
    }
}
