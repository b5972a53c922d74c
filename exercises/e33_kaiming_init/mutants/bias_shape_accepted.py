def fan_in_out(shape):
    area = math.prod(shape[2:])
    return shape[1] * area, shape[0] * area
