//! Where instances live: slots reserved once, so that a new instance costs no call into the system
//! beyond those that clean its slot, and so that only so many live at once.
//!
//! Made anew for each instance, its memory's 4 GiB of address space and its stack cost 100 µs; from
//! a slot 50 µs (`make bench`). wasmtime gives every instance its memory as the component's file
//! says, whoever had the slot before.

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::meter::{MAX_INSTANCES, MAX_MEMORIES, MAX_TABLES};

/// Instances at once, of all plug-ins together: a request that finds no slot is answered 503. The
/// second is for where the system gives no address space for the first.
pub(crate) const LIVE: [u32; 2] = [1_000, 50];
/// Memories of an instance, on average: most plug-ins have one. 4 GiB of address space each, 16 TiB
/// in all of the 128 TiB that a process has.
const MEMORIES: u32 = 4;
/// Modules and tables of an instance, on average. Python's tools link some twenty modules.
const MODULES: u32 = 24;
const TABLES: u32 = 8;
/// Elements of one table; CPython has 8,000 functions that are called by pointer.
const ELEMENTS: usize = 64 << 10;
/// Bytes that wasmtime keeps of one module or component, beside its memories: CPython's functions.
const INSTANCE_SIZE: usize = 4 << 20;

/// What of a used slot is written anew by hand rather than given back to the system, whose page
/// faults cost more: a Rust guest writes less than this in a login. Linux 6.7 tells which pages were
/// written to; before, it is the first pages.
const MEMORY_KEPT: usize = 256 << 10;
const TABLE_KEPT: usize = 16 << 10;
const STACK_KEPT: usize = 64 << 10;

/// How much address space there is for memories: machine code is made for one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// 4 GiB for each memory, so that code needs to check no address.
    Wide,
    /// What a memory has and no more, as under `ulimit -v` and in some sandboxes: code checks each
    /// address.
    Narrow,
}

/// An engine with slots, or without where the system gives no address space for them. The log says once
/// what is missing and what follows from it.
pub(crate) fn engine(config: impl Fn(Space) -> Config) -> wasmtime::Result<(Engine, Space)> {
    let mut refused = None;
    for live in LIVE {
        let mut config = config(Space::Wide);
        reserve(&mut config, live);
        #[cfg(any(test, feature = "testing"))]
        crate::testing::keep_memories(&mut config);
        match (Engine::new(&config), refused) {
            (Ok(engine), None) => return Ok((engine, Space::Wide)),
            (Ok(engine), Some(error)) => {
                tracing::warn!(
                    %error,
                    slots = live,
                    wanted = LIVE[0],
                    "the system gives no address space for more slots of plug-ins; it may be limited \
                     (ulimit -v): a login that finds no slot is answered 503"
                );
                return Ok((engine, Space::Wide));
            }
            (Err(error), first) => refused = Some(first.unwrap_or(error)),
        }
    }
    match (Engine::new(&config(Space::Narrow)), refused) {
        (Ok(engine), Some(error)) => {
            tracing::warn!(
                %error,
                "the system gives no address space for slots of plug-ins; it may be limited (ulimit \
                 -v): each instance is made when it is needed and its code checks every address, so \
                 plug-ins are compiled anew and run slower"
            );
            Ok((engine, Space::Narrow))
        }
        // Whatever else the engine lacks, it lacks here too.
        (Err(error), refused) => Err(refused.unwrap_or(error)),
        (Ok(engine), None) => Ok((engine, Space::Narrow)),
    }
}

/// Leaves memories no more address space than they have.
pub(crate) fn narrow(config: &mut Config) {
    config
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_reservation_for_growth(1 << 20)
        .memory_may_move(true);
}

/// Gives the engine its slots.
fn reserve(config: &mut Config, live: u32) {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(live)
        .total_stacks(live)
        .total_core_instances(MODULES * live)
        .total_memories(MEMORIES * live)
        .total_tables(TABLES * live)
        .max_core_instances_per_component(MAX_INSTANCES as u32)
        .max_memories_per_component(MAX_MEMORIES as u32)
        .max_tables_per_component(MAX_TABLES as u32)
        .table_elements(ELEMENTS)
        .max_core_instance_size(INSTANCE_SIZE)
        .max_component_instance_size(INSTANCE_SIZE)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(MEMORY_KEPT)
        .table_keep_resident(TABLE_KEPT)
        .async_stack_keep_resident(STACK_KEPT);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
}
