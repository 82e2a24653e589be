"""Results that others published, computed here again so that the lab can be trusted.

`delayed_impact` Liu, Dean, Rolf, Simchowitz and Hardt, ICML 2018 · `cascade` Watts, PNAS 2002,
with the theory of Gleeson and Cahalane, Phys. Rev. E 75, 056103 (2007) · `lending` the lending
environment of ml-fairness-gym, D'Amour et al., FAT* 2020.
"""
