// Gives the precompiled header of the tests a home.
