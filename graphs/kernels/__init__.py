"""Compiled searches over the arrays of a temporal graph; arrays in, arrays out."""
