//! The scripts of the dashboard, and the policy that allows these and no others.

/// Blanks the dashboard when it is left and reloads it on return. Browsers may restore a page from the
/// back/forward cache without a request (HTML standard section 7.4.6, "reactivation"), and would show a
/// session that has ended since. Inline, so that it is there as soon as the page is.
pub(super) const RELOAD: &str = include_str!("../../../assets/reload.js");

/// Keeps the dashboard up to date by the events of the session, and disconnects accounts.
pub(super) const DASHBOARD: &str = include_str!("../../../assets/dashboard.js");

/// Of the SHA-256 digests of [`RELOAD`] and [`DASHBOARD`].
macro_rules! policy_of {
    ($reload:literal, $dashboard:literal) => {
        /// The digest of [`DASHBOARD`]: the `integrity` of its element, without which browsers match no
        /// digest with a file (Content Security Policy Level 3 section 6.7.1.1).
        pub(super) const DASHBOARD_HASH: &str = concat!("sha256-", $dashboard);

        /// [`crate::response::POLICY`] with both scripts, and with requests to Portico for [`DASHBOARD`].
        ///
        /// Digests rather than `'self'`: an app may be served on Portico's origin.
        pub(super) const POLICY: &str = concat!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'; connect-src 'self'; script-src 'sha256-",
            $reload,
            "' 'sha256-",
            $dashboard,
            "'"
        );
    };
}

policy_of!(
    "FMjG+e9NyNQbU8bv1+wyIsGxZWNgdQYO8nYD/JM/QoY=",
    "cxJNBMRhShxSSA/ZsyxjfIOyb+RgqMSsF8GnmSlDWlo="
);

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn policy_allows_both_scripts_only() {
        let [reload, dashboard] = [RELOAD, DASHBOARD]
            .map(|it| format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(it))));
        assert_eq!(DASHBOARD_HASH, dashboard);
        let base = crate::response::POLICY;
        let expected = format!("{base}; connect-src 'self'; script-src '{reload}' '{dashboard}'");
        assert_eq!(POLICY, expected);
    }
}
