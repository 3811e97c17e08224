"""The additive boosted model beside its peers."""
