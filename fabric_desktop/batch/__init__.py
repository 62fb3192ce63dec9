"""Many photographs at once: scan a folder, recognise all of it as one job that can be resumed, report what came out.

Recognising one patch is for `recognizer`.
"""
