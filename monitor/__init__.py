"""The program of Interlock's monitors: a SageMaker Processing job runs it on the stock scikit-learn image.

It needs Python 3.10, numpy, pandas 1.1 or newer, and scipy. ``monitor/bundle.py`` makes one file of it.
"""
