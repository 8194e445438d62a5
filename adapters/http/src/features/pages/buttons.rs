//! Parts of the pages: providers and names.

use std::sync::Arc;

use portico_domain::{
    provider::{Descriptor, Registration},
    session::Session,
};

use super::Icons;

/// A link to sign in with a provider or to connect it.
pub(super) struct Button {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) has_icon: bool,
    /// Shown if there is no icon.
    pub(super) initial: String,
}

/// The buttons of the providers for which `offered` is true.
pub(super) fn buttons(
    icons: &Icons,
    providers: &[Arc<Registration>],
    offered: impl Fn(&Descriptor) -> bool,
) -> Vec<Button> {
    let descriptors = providers.iter().map(|provider| provider.cloud.descriptor());
    let button = |descriptor: &Descriptor| Button {
        id: descriptor.id.to_string(),
        name: descriptor.name.clone(),
        has_icon: icons.sanitised(descriptor).is_some(),
        initial: descriptor.name.chars().take(1).collect(),
    };
    descriptors.filter(|descriptor| offered(descriptor)).map(button).collect()
}

/// Display name and username of the person.
pub(super) fn names(session: &Session) -> (String, String) {
    let own = session.leading_account();
    let first = own.map(|account| &account.identity);
    let name = first.map(|identity| identity.display_name.clone()).unwrap_or_default();
    let username = first.and_then(|identity| identity.username.clone());
    (name.clone(), username.unwrap_or(name))
}
