"""Labels of transcripts: who said what, read from every tool and kept whole."""
