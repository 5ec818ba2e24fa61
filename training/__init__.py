"""Everything offline: data, fine-tuning, evaluation, export. Never reads what people said."""
