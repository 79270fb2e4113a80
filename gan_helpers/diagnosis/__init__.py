"""From symptom to cause (chapter 8)."""
