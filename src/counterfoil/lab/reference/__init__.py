"""The same month in NumPy: the oracle that the compiled engines are held to.

Read this one to learn what a month is. Everything happens to everyone at once, from last
month's words:

1. ties with a listed end are judged, and die in the world where they were at risk;
2. each resident sums the scores of the contacts left, in both worlds;
3. events, loans and errors bring points; the own record fades towards its start;
4. corrections set records right and releases end terms; events and errors put people on;
5. the score is weighed from the own record and the contacts' mean; low scores are listed;
6. the month is counted.
"""

from counterfoil.lab.reference.engine import Reference

__all__ = ["Reference"]
