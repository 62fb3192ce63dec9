"""The reference library as people keep it: bring photos in, edit fabrics and references, check what is wrong with it.

Recognises nothing; every change is one step that can be taken back.
"""
