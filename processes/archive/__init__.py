"""The archive of houses and people 业主档案: rooms, residents, what they have, what was done.

Tables here; what is done with them in the modules beside: `importing` reads a spreadsheet in,
`living` keeps who lives where, `reading` finds and shows, `traits` says what groups a person is
in, `looks` logs who saw or took what. Knows the engine; knows nothing of pages.
"""

from engine.models import Base
from processes.archive.changes import Change, Import, ImportState, Look
from processes.archive.holdings import (
    KeySet,
    Meter,
    PrivacyConsent,
    Region,
    RegionProject,
    Trait,
    TraitChoice,
    Vehicle,
)
from processes.archive.houses import Building, Occupancy, Record, Resident, Room
from processes.archive.id_numbers import IdNumber
from processes.archive.pieces import ResidentPiece

__all__ = [
    "Base", "Building", "Change", "IdNumber", "Import", "ImportState", "KeySet", "Look", "Meter", "Occupancy",
    "PrivacyConsent", "Record", "Region", "RegionProject", "Resident", "ResidentPiece", "Room",
    "Trait", "TraitChoice", "Vehicle",
]  # fmt: skip
