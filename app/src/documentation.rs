//! The documentation, compiled in: what the offline model answers from.

use tidewire_models::offline::Document;

macro_rules! documents {
    ($($path:literal: $title:literal),+ $(,)?) => {
        /// README and docs/.
        pub(crate) const DOCUMENTS: &[Document] = &[$(Document {
            id: $path,
            title: $title,
            markdown: include_str!(concat!("../../", $path)),
        }),+];
    };
}

documents! {
    "README.md": "Tidewire",
    "docs/MODELS.md": "Models",
    "docs/RUNNING.md": "Running",
    "docs/CONFIGURATION.md": "Configuration",
    "docs/API.md": "API",
    "docs/OPERATIONS.md": "Operations",
    "docs/ARCHITECTURE.md": "Architecture",
    "docs/TESTING.md": "Testing",
    "docs/PERFORMANCE.md": "Performance",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_docs_is_compiled_in() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
        for entry in std::fs::read_dir(docs).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let id = format!("docs/{}", path.file_name().unwrap().display());
                assert!(DOCUMENTS.iter().any(|document| document.id == id), "{id}");
            }
        }
    }
}
