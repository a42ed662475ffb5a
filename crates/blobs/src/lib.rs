//! Where files are kept: adapters of [`tidewire_domain::BlobStore`].
