//! `portico serve`: serves until a stop signal.

use crate::{
    compose::Portico,
    config::Config,
    signals::{OtherSignals, stop_signal},
};

#[tokio::main]
pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let (stop, others) = (stop_signal()?, OtherSignals::listen()?);
    Portico::start(config).await?.reload_on(others).run(stop).await
}
