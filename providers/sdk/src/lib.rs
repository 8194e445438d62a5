//! The SDK for provider plug-ins in Rust.
//!
//! Implement [`provider::Provider`], which is a declaration and one synchronous, pure function, and
//! [`export!`] it. For `wasm32-unknown-unknown` the macro exports the interface of
//! `providers/wit/provider.wit`; elsewhere it does nothing, so that the crate can be linked and tested.
//!
//! The SDK re-exports the model (`portico-provider-model`, as [`provider`]) and depends on no crate of
//! the server:
//! * [`describe`]: declarations with the usual values filled in: settings, sign-in, subject mapping,
//!   permissions;
//! * [`address`]: addresses in settings, for listing;
//! * [`Pages`]: a listing in pages, with the handling of errors;
//! * [`Json`]: a JSON document that is parsed as far as it is read;
//! * [`headers`]: paging and retry headers.

pub mod address;
pub mod describe;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod component;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use portico_provider_model::{
    self as provider, identity, listing,
    paging::{Fields, Get, Json, Next, Page, Pages, Refusal, Unreadable, Wording, headers},
    text,
};
// Re-exported because types of the model contain them, so that a provider uses the same versions.
pub use serde_json;
pub use url::{self, Url};

/// Exports a [`provider::Provider`] from a component. It does nothing on targets other than `wasm32`.
#[macro_export]
macro_rules! export {
    ($provider:ty) => {
        #[cfg(target_arch = "wasm32")]
        mod portico_provider_component {
            use super::*;
            type Component = $crate::component::Component<$provider>;
            $crate::component::bindings::export_component!(
                Component with_types_in $crate::component::bindings
            );
        }
    };
}
