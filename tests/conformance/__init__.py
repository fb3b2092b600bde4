"""Outside truths: public conformance data, run through the product."""
