"""What was delivered: is anything missing, and does CloudWatch agree?"""
