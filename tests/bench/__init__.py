"""Measurements, as ratios against a peer in the same run: on a busy machine both sides are slowed alike."""
