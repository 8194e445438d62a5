//! The pooling allocator: instance slots reserved once. A new instance needs no system call except
//! those that reset its slot, and the number of live instances is bounded.
//!
//! An instance in a slot takes 50 µs; one that maps 4 GiB of address space and a stack of its own takes
//! 100 µs more (`make bench`). wasmtime resets a slot's memory to the component's initial data before
//! it is used again.

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::meter::{MAX_INSTANCES, MAX_MEMORIES, MAX_TABLES};

/// Live instances of all plug-ins together; a request that finds no free slot is answered 503. The
/// second number is tried if the system refuses the address space for the first.
pub(crate) const MAX_LIVE_INSTANCES: [u32; 2] = [1_000, 50];
/// Memories per instance on average; most plug-ins have one. Each reserves 4 GiB of address space, all
/// of them 16 TiB of the 128 TiB of a process.
const AVERAGE_MEMORIES: u32 = 4;
/// Modules and tables per instance on average. Python's tools link some twenty modules.
const AVERAGE_MODULES: u32 = 24;
const AVERAGE_TABLES: u32 = 8;
/// Elements of one table; CPython has 8,000 functions that are called by pointer.
const MAX_TABLE_ELEMENTS: usize = 64 << 10;
/// Bytes that wasmtime needs per module or component beyond memories and tables: CPython's functions.
const MAX_INSTANCE_SIZE: usize = 4 << 20;

/// Bytes of a used slot that are overwritten instead of returned to the system, since page faults cost
/// more. A plug-in in Rust writes less than this in a login. Linux 6.7 and later report the written
/// pages; before, the first pages are overwritten.
const RESIDENT_MEMORY: usize = 256 << 10;
const RESIDENT_TABLE: usize = 16 << 10;
const RESIDENT_STACK: usize = 64 << 10;

/// The address space of a memory. Machine code is compiled for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressSpace {
    /// 4 GiB per memory: the code has no bounds checks.
    Reserved,
    /// The size of the memory, for limited address space (`ulimit -v`, gVisor): the code checks the
    /// bounds of each access.
    OnDemand,
}

/// An engine with slots, or without them if the system refuses the address space. The log then says
/// what is missing and what follows from it.
pub(crate) fn engine(
    config: impl Fn(AddressSpace) -> Config,
) -> wasmtime::Result<(Engine, AddressSpace)> {
    let mut refused = None;
    for live in MAX_LIVE_INSTANCES {
        let mut config = config(AddressSpace::Reserved);
        reserve_slots(&mut config, live);
        #[cfg(any(test, feature = "testing"))]
        crate::testing::observe_in(&mut config);
        match (Engine::new(&config), refused) {
            (Ok(engine), None) => return Ok((engine, AddressSpace::Reserved)),
            (Ok(engine), Some(error)) => {
                tracing::warn!(
                    %error,
                    slots = live,
                    requested = MAX_LIVE_INSTANCES[0],
                    "the system gives no address space for more slots of plug-ins; it may be limited \
                     (ulimit -v): a login that finds no free slot is answered 503"
                );
                return Ok((engine, AddressSpace::Reserved));
            }
            (Err(error), first) => refused = Some(first.unwrap_or(error)),
        }
    }
    match (Engine::new(&config(AddressSpace::OnDemand)), refused) {
        (Ok(engine), Some(error)) => {
            tracing::warn!(
                %error,
                "the system gives no address space for slots of plug-ins; it may be limited (ulimit -v): \
                 each instance is made when it is needed and its code checks bounds, so plug-ins are \
                 compiled again and run slower"
            );
            Ok((engine, AddressSpace::OnDemand))
        }
        // Whatever else fails also fails here, so the first error is the cause.
        (Err(error), refused) => Err(refused.unwrap_or(error)),
        (Ok(engine), None) => Ok((engine, AddressSpace::OnDemand)),
    }
}

/// Reserves no address space beyond a memory's size.
pub(crate) fn configure_on_demand(config: &mut Config) {
    config
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_reservation_for_growth(1 << 20)
        .memory_may_move(true);
}

/// Reserves slots for `live` instances.
fn reserve_slots(config: &mut Config, live: u32) {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(live)
        .total_stacks(live)
        .total_core_instances(AVERAGE_MODULES * live)
        .total_memories(AVERAGE_MEMORIES * live)
        .total_tables(AVERAGE_TABLES * live)
        .max_core_instances_per_component(MAX_INSTANCES as u32)
        .max_memories_per_component(MAX_MEMORIES as u32)
        .max_tables_per_component(MAX_TABLES as u32)
        .table_elements(MAX_TABLE_ELEMENTS)
        .max_core_instance_size(MAX_INSTANCE_SIZE)
        .max_component_instance_size(MAX_INSTANCE_SIZE)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(RESIDENT_MEMORY)
        .table_keep_resident(RESIDENT_TABLE)
        .async_stack_keep_resident(RESIDENT_STACK);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
}
