//! Measures what one running instance uses, and stops it at its limits.

use std::sync::Arc;

use async_trait::async_trait;
use wasmtime::{ResourceLimiterAsync, Store, UpdateDeadline};

use crate::{
    cpu::CpuTime,
    limits::{Exceeded, Limits},
    memory::{Account, Charge, Exhausted},
    words::Words,
};

/// Modules within one component: Python's tools link some twenty.
pub(crate) const MAX_INSTANCES: usize = 128;
pub(crate) const MAX_TABLES: usize = 128;
pub(crate) const MAX_MEMORIES: usize = 16;
/// A table's element on this side of the wall, at most.
const BYTES_PER_ELEMENT: usize = 16;
/// Handles of resources that one instance may hold; a listing needs two.
const MAX_HANDLES: usize = 10_000;

/// What one instance has used.
pub(crate) struct Meter {
    limits: Limits,
    /// Bytes of every memory and table together: a guest with ten memories gets no more than one
    /// with a single memory.
    memory: usize,
    /// The same, and what the instance takes beside, drawn from what all instances share.
    charge: Charge,
    cpu: Arc<CpuTime>,
    words: Words,
}

impl Meter {
    /// For one instance, which takes so many bytes beside its memories and tables: waits for these.
    pub(crate) async fn new(
        limits: Limits,
        beside: usize,
        account: Arc<Account>,
    ) -> Result<Self, Exhausted> {
        let mut charge = Charge::begin(account).await?;
        charge.draw(beside).await?;
        Ok(Self { limits, memory: 0, charge, cpu: Arc::default(), words: Words::default() })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// What it said before it trapped.
    pub(crate) fn words(&self) -> Option<String> {
        self.words.text()
    }

    /// What counts the time of its calls.
    pub(crate) fn cpu(&self) -> Arc<CpuTime> {
        Arc::clone(&self.cpu)
    }

    /// Makes `store` stop at its meter's limits.
    pub(crate) fn install(store: &mut Store<Self>) {
        store.limiter_async(|meter| meter);
        store.set_hostcall_fuel(store.data().limits.output);
        store.set_max_component_handles(MAX_HANDLES);
        store.set_epoch_deadline(1);
        // A guest that computes steps aside at every tick, so that the others on its thread go on.
        store.epoch_deadline_callback(|store| {
            let meter = store.data();
            if meter.cpu.spent_in_turn() > meter.limits.time {
                return Err(Exceeded::Time(meter.limits.time).into());
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
    }

    /// Whether it may go on: a call that ends within a tick meets no other check.
    pub(crate) fn has_time(&self) -> Result<(), Exceeded> {
        let has = self.cpu.spent() <= self.limits.time;
        has.then_some(()).ok_or(Exceeded::Time(self.limits.time))
    }

    async fn grow(&mut self, by: usize) -> wasmtime::Result<bool> {
        let sum = self.memory.checked_add(by).filter(|sum| *sum <= self.limits.memory);
        // A trap: what a guest makes of a refused growth looks like any other bug of its own.
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
        if self.memory.saturating_add(growth) > self.limits.memory && self.words.hear(growth) {
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
