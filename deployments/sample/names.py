"""The words that the sample division is made of. No school, and nobody, is called so for real."""

PLACES = (
    "Loon Echo", "Tamarack Bend", "Muskeg Hollow", "Lynx Crossing", "Aurora Flats", "Beaver Ladder",
    "Northern Spark", "Wolverine Ridge", "Old Portage", "Snowshoe Bay", "Kettle Moraine", "Birch Lantern",
    "Caribou Gate", "Silver Muskrat", "Whisky Jack", "Twin Culverts", "Frost Harbour", "Jackpine Loop",
    "Crane Meadow", "Ptarmigan Hill", "Smoky Ferry", "Sandhill Corner", "Long Twilight", "Red Willow Reach",
)  # fmt: skip

KINDS = ("Elementary School", "School", "Junior High School", "High School", "Community School", "Outreach")

GIVEN = (
    "Ada", "Adèle", "Aidan", "Aisha", "Amrit", "Anaïs", "Beatriz", "Benoît", "Blair", "Brooke", "Caleb",
    "Chantal", "Chloé", "Connor", "Dakota", "Darius", "Delphine", "Dylan", "Élise", "Emeka", "Erin", "Esther",
    "Farah", "Fraser", "Gabriel", "Geneviève", "Graham", "Harjit", "Hélène", "Ian", "Imani", "Ivy", "Jasper",
    "Jordan", "Juan", "Kaia", "Keira", "Kofi", "Laurel", "Léa", "Liam", "Lucía", "Mael", "Marisol",
    "Mireille", "Nadia", "Noël", "Olek", "Oona", "Owen", "Pádraig", "Paige", "Priya", "Quinn", "Raphaël",
    "Reese", "Robin",
    "Rosalind", "Ryan", "Sade", "Sasha", "Siobhán", "Soren", "Sylvie", "Tamsin", "Tariq", "Thérèse", "Tomasz",
    "Uma", "Valérie", "Wren", "Xochitl", "Yasmin", "Yuki", "Zachary", "Zoë",
)  # fmt: skip

FAMILY = (
    "Abernathy-Sample", "Almquist", "Aspenholt", "Bannerock", "Beaulac", "Bélangère", "Birchwater",
    "Brightwell-Poe", "Campionne", "Cardinalis", "Chokecherry", "Clearbrook", "Côtéval", "Cranberg",
    "D'Amourette", "D'Eschênes", "Dandelaar", "Driftmere", "Eagleson-Mock", "Elmquist", "Everglen",
    "Fairweather", "Fernandell", "Fireweed", "Fjeldstrom", "Foxglove", "Gagnonette", "Glasswater",
    "Goldenrodd", "Granholm-Test", "Hawkwood", "Hazelgrove", "Holloway-Fictive", "Hübschner", "Iverglas",
    "Jansdóttir", "Juniperus", "Kaplanski", "Kinnikinnick", "Kowalchukov", "Larchmont", "Lavallière",
    "Lichenfeld", "Longspruce", "MacSample", "Mapleton-Ruse", "Marshbanks", "Moosewood", "Mukherjeet",
    "Nettlebed", "Nilsgaard", "Northlake", "O'Birchall", "O'Fernley", "O'Muskeg", "Oakenshaw", "Okonkwall",
    "Oscarsson-Dee", "Pembinaux", "Pineridge", "Poplarski", "Quillfeather", "Rasmussell", "Redpolle",
    "Rivardin", "Rosehippe", "Rowanberry", "Saskatoone", "Sedgewick-Null", "Silverberry", "Singhdale",
    "Snowberry", "Spruceby", "Stonecrop", "Tamarind", "Thistledown", "Thorvaldine", "Tremblay-Faux",
    "Underbrush", "Vallencourt", "Wagonmaker", "Weatherby-Sham", "Willowmere", "Winterhalter", "Yarrowby",
    "Yellowknees", "Zabolotnyj",
)  # fmt: skip

#: Who works in the division office, beside those who hold an office there.
OFFICE = (
    "associate superintendent", "associate superintendent", "secretary-treasurer", "director of facilities",
    "director of transportation", "learning coach", "learning coach", "psychologist", "payroll clerk",
    "human resources officer", "privacy coordinator", "executive assistant", "accountant", "receptionist",
)  # fmt: skip

CLUBS = (
    "grade1", "grade2", "grade3", "grade4", "grade5", "grade6", "band", "robotics", "drama", "volleyball",
    "foods", "yearbook", "art", "library", "outdoor.ed", "science", "choir", "badminton", "shop",
    "leadership",
)  # fmt: skip
