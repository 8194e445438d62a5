//! Measures what one running instance uses, and stops it at its limits.

use std::time::Duration;

use wasmtime::{ResourceLimiter, Store, UpdateDeadline};

use crate::{
    limits::{Exceeded, Limits},
    ticker::TICK,
};

/// Modules within one component: Python's tools link some twenty.
pub(crate) const MOST_INSTANCES: usize = 128;
pub(crate) const MOST_TABLES: usize = 128;
pub(crate) const MOST_MEMORIES: usize = 16;
/// A table's element on this side of the wall, at most.
const BYTES_PER_ELEMENT: usize = 16;

/// What one instance has used.
pub(crate) struct Meter {
    limits: Limits,
    /// Bytes of every memory and table together: a guest with ten memories gets no more than one
    /// with a single memory.
    memory: usize,
    /// Ticks during which this call was running.
    ticks: u128,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, memory: 0, ticks: 0 }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Makes `store` stop at its meter's limits.
    pub(crate) fn install(store: &mut Store<Self>) {
        store.limiter(|meter| meter);
        store.set_hostcall_fuel(store.data().limits.output);
        // A guest that computes steps aside at every tick, so that whatever else runs on this
        // worker goes on. Tokio's own yield lets the worker look at its sockets too.
        store.epoch_deadline_callback(|mut store| {
            let meter = store.data_mut();
            meter.ticks += 1;
            if meter.ticks > meter.limits.ticks() {
                return Err(Exceeded::Time(meter.limits.time).into());
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
    }

    /// Before each call: the time of the one before does not count.
    pub(crate) fn begin_call(store: &mut Store<Self>) {
        store.data_mut().ticks = 0;
        store.set_epoch_deadline(1);
    }

    fn grow(&mut self, by: usize) -> wasmtime::Result<bool> {
        match self.memory.checked_add(by).filter(|sum| *sum <= self.limits.memory) {
            Some(sum) => self.memory = sum,
            // A trap: what a guest makes of a refused growth looks like any other bug of its own.
            None => return Err(Exceeded::Memory(self.limits.memory).into()),
        }
        Ok(true)
    }
}

impl Limits {
    fn ticks(&self) -> u128 {
        self.time.max(Duration::from_millis(1)).as_millis().div_ceil(TICK.as_millis())
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.grow(desired.saturating_sub(current))
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.grow(desired.saturating_sub(current).saturating_mul(BYTES_PER_ELEMENT))
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(error)
    }

    fn instances(&self) -> usize {
        MOST_INSTANCES
    }

    fn tables(&self) -> usize {
        MOST_TABLES
    }

    fn memories(&self) -> usize {
        MOST_MEMORIES
    }
}
