//! What a provider plug-in in Rust is written with.
//!
//! Implement [`provider::Provider`], which is data and one synchronous, pure function, and
//! [`export!`] it: for
//! `wasm32-unknown-unknown` that makes the component of `providers/wit/provider.wit`, anywhere else
//! nothing, so that the same crate can be linked natively and tested.
//!
//! It gives authors the model of providers (`portico-provider-model`, as [`provider`]) and nothing of
//! the server. What most clouds have in common is here:
//! * [`describe`]: what a provider declares, with what is usual filled in: settings, how people sign
//!   in and where they stand in the claims, permissions;
//! * [`address`]: addresses that an operator writes, for listing;
//! * [`Pages`]: a listing that comes in pages, with everything that can go wrong on the way;
//! * [`Json`]: a cloud's answer, read where it lies;
//! * [`headers`]: where the next page is, for clouds that say so in a header, and when to ask again.

pub mod address;
pub mod describe;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use portico_provider_model::{
    self as provider, identity, listing,
    paging::{Fields, Get, Json, Next, Page, Pages, Refusal, Unreadable, Wording, headers},
    text,
};
// A provider is written with these versions of them, for they are in the model's types.
pub use serde_json;
pub use url::{self, Url};

/// Makes a [`provider::Provider`] the one of this component. Elsewhere than on `wasm32` it does
/// nothing.
#[macro_export]
macro_rules! export {
    ($provider:ty) => {
        #[cfg(target_arch = "wasm32")]
        mod portico_provider_component {
            use super::*;
            type Component = $crate::guest::Component<$provider>;
            $crate::guest::bindings::export_component!(
                Component with_types_in $crate::guest::bindings
            );
        }
    };
}
