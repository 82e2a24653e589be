"""The composition root: one operator's rooms, wired to one database and one folder."""

from counterfoil.bootstrap.site import OriginMissing, Site, SiteReader

__all__ = ["OriginMissing", "Site", "SiteReader"]
