//! The queues that hand jobs to the worker: adapters of [`tidewire_domain::JobQueue`].
