//! Measures what one instance uses, and stops it at its limits.

use std::sync::Arc;

use async_trait::async_trait;
use wasmtime::{ResourceLimiterAsync, Store, UpdateDeadline};

use crate::{
    cpu::CpuTime,
    limits::{Exceeded, Limits},
    memory::{Account, Charge, Exhausted},
    panic_message::PanicMessage,
};

/// Core modules, tables and memories of one component. Python's tools link some twenty modules.
pub(crate) const MAX_INSTANCES: usize = 128;
pub(crate) const MAX_TABLES: usize = 128;
pub(crate) const MAX_MEMORIES: usize = 16;
/// Bytes of a table element in the host, at most.
const BYTES_PER_ELEMENT: usize = 16;
/// Resource handles of one instance; a listing needs two.
const MAX_HANDLES: usize = 10_000;

/// The use of one instance.
pub(crate) struct Meter {
    limits: Limits,
    /// Bytes of all memories and tables together: ten memories have the limit of one.
    memory: usize,
    /// `memory` and the instance's overhead, drawn from the budget of all instances.
    charge: Charge,
    cpu: Arc<CpuTime>,
    panic_message: PanicMessage,
}

impl Meter {
    /// A meter for one instance with this overhead in bytes; waits until the budget has them free.
    pub(crate) async fn new(
        limits: Limits,
        overhead: usize,
        account: Arc<Account>,
    ) -> Result<Self, Exhausted> {
        let mut charge = Charge::begin(account).await?;
        charge.draw(overhead).await?;
        let panic_message = PanicMessage::default();
        Ok(Self { limits, memory: 0, charge, cpu: Arc::default(), panic_message })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn panic_message(&self) -> Option<String> {
        self.panic_message.text()
    }

    /// Measures the processor time of the instance's calls.
    pub(crate) fn cpu(&self) -> Arc<CpuTime> {
        Arc::clone(&self.cpu)
    }

    /// Applies the limits of the store's meter to the store.
    pub(crate) fn install(store: &mut Store<Self>) {
        store.limiter_async(|meter| meter);
        store.set_hostcall_fuel(store.data().limits.output);
        store.set_max_component_handles(MAX_HANDLES);
        store.set_epoch_deadline(1);
        // A running instance yields at each tick, so that other tasks of its thread make progress.
        store.epoch_deadline_callback(|store| {
            let meter = store.data();
            if meter.cpu.spent_with_current_poll() > meter.limits.time {
                return Err(Exceeded::Time(meter.limits.time).into());
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
    }

    /// An error if the processor time is used up. Needed after each call: one that is shorter than a
    /// tick never reaches the epoch callback.
    pub(crate) fn check_cpu_time(&self) -> Result<(), Exceeded> {
        let is_within = self.cpu.spent() <= self.limits.time;
        is_within.then_some(()).ok_or(Exceeded::Time(self.limits.time))
    }

    async fn grow(&mut self, by: usize) -> wasmtime::Result<bool> {
        let sum = self.memory.checked_add(by).filter(|sum| *sum <= self.limits.memory);
        // An error traps. With `Ok(false)` the plug-in would go on and fail in some other way, which
        // would look like a bug of its own.
        let sum = sum.ok_or(Exceeded::Memory(self.limits.memory))?;
        self.charge.draw(by).await?;
        self.memory = sum;
        Ok(true)
    }
}

#[async_trait]
impl ResourceLimiterAsync for Meter {
    async fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let growth = desired.saturating_sub(current);
        let is_over = self.memory.saturating_add(growth) > self.limits.memory;
        if is_over && self.panic_message.receive(growth) {
            return Ok(false);
        }
        self.grow(growth).await
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    async fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.grow(desired.saturating_sub(current).saturating_mul(BYTES_PER_ELEMENT)).await
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn tables(&self) -> usize {
        MAX_TABLES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }
}
