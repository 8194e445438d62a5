//! The warnings of an incomplete listing that the provider could not add itself.

use portico_provider_model::text::clean;

use crate::{
    account::Listing,
    provider::{Descriptor, ProviderError},
};

/// The longest warning, in characters: some have text of the provider.
const MAX_LEN: usize = 600;

/// The listing of a provider that returned an error.
pub(super) fn nothing_listed(descriptor: &Descriptor, problem: &ProviderError) -> Listing {
    let (noun, name) = (&descriptor.account_noun, &descriptor.name);
    let failed = format!("The plug-in for {name} failed: {ASK}");
    let help = match problem {
        ProviderError::Refused { help, .. } => help,
        ProviderError::Challenge(_) => "The cloud wants you to sign in once more.",
        problem if problem.is_internal() => &failed,
        _ => "You are signed in; sign in again later to list them.",
    };
    let warning = clean(&format!("Your {noun}s could not be listed. {help}"), MAX_LEN);
    Listing { warnings: vec![warning], ..Listing::default() }
}

/// The host refused a request, and the provider added no warning.
pub(super) fn refused(descriptor: &Descriptor) -> String {
    some_missing(descriptor, "asked for something that it may not have")
}

/// A link to the rest of the list was withheld from the provider.
pub(super) fn cut_short(descriptor: &Descriptor) -> String {
    some_missing(descriptor, "does not declare what leads to the rest of the list")
}

fn some_missing(Descriptor { account_noun, name, .. }: &Descriptor, why: &str) -> String {
    let warning =
        format!("Some of your {account_noun}s may be missing: the plug-in for {name} {why}; {ASK}");
    clean(&warning, MAX_LEN)
}

const ASK: &str = "tell whoever runs this Portico; its log says more.";
