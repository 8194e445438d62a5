//! Microsoft Azure as a plug-in: the provider that is built into Portico, exported.

pub use portico_azure::AzureProvider;

portico_provider::export!(AzureProvider);

#[cfg(test)]
mod tests {
    use portico_provider::testing::{Cloud, ok};

    use super::*;

    #[test]
    fn the_plug_in_is_the_built_in_provider() {
        let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
        let cloud = Cloud::<AzureProvider>::with(&[("tenant-id", tenant)]);
        assert_eq!(cloud.descriptor().id.as_str(), "azure");
        assert!(cloud.sign_in().issuer().as_str().contains(tenant));
        assert_eq!(cloud.listed([ok(r#"{"value":[{"subscriptionId":"one"}]}"#)]).ids(), ["one"]);
    }
}
